"""docs/design.md names every limit, and no page of the documentation points at nothing."""

import re
from pathlib import Path

import pytest
from msgspec import structs

from grader.candidate import seccomp
from grader.model import Limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_limit_is_said_to_be_held_by_something():
    rows = "\n".join(line.partition(" | ")[0] for line in PAGE.splitlines() if line.startswith("| `"))
    assert {limit.name for limit in structs.fields(Limits)} <= set(re.findall(r"`(\w+)`", rows))


def test_what_the_filter_is_said_to_refuse_it_refuses():
    assert {"ptrace", "mount", "unshare", "io_uring_setup", "memfd_create", "shmget", "add_key", "bpf"} <= {
        *seccomp.DENIED
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
