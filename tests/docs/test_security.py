"""Every claim of the security page names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")


def rows() -> list[str]:
    section = TEXT.partition("## Prevented")[2].partition("## Only detected")[0]
    return [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| an attempt")]


def test_each_claim_is_shown_by_a_test_that_is_there():
    assert len(rows()) >= 10
    for row in rows():
        named = re.findall(r"`(tests/[\w/]+\.py)`", row)
        assert named, row
        assert [name for name in named if not (ROOT / name).is_file()] == [], row


def test_what_it_says_to_type_is_a_command():
    commands = re.findall(r"^grader (\w+)", TEXT, re.MULTILINE)
    assert {"redteam", "doctor"} <= set(commands)
    assert all((ROOT / "grader" / "cli" / f"{command}.py").is_file() for command in commands)
