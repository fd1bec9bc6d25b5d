"""What docs/budgets.md says: its example runs, its tables are whole, its numbers are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.checks import CheckFailed, at_most
from grader.model import MB, Outcome
from grader.probing import metered
from grader.referee.budgets import COPIES, SLACK
from grader.referee.usage import MOST_AT_IMPORT, Used
from tests.referee.tiny import a_course, judged

PAGE = (Path(__file__).parents[2] / "docs/budgets.md").read_text(encoding="utf-8")
PROBES, CHECK = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ROWS = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}

LINEAR = "def attention(q, k, v): return q @ (k.T @ v)"
QUADRATIC = "def attention(q, k, v): return (q @ k.T) @ v"


def ended(folder: Path, student: str) -> tuple[Outcome, str]:
    check = CHECK.replace("points=4, after=test_definition", "points=100")
    solution = a_course(folder, check, attention=100)
    (solution / "probes.py").write_text(PROBES)
    (solution / "tiny.py").write_text((solution / "tiny.py").read_text() + LINEAR + "\n")
    (result,) = judged(solution, student).values()
    return result.outcome, result.message


def test_the_example_passes_the_linear_form(tmp_path):
    assert ended(tmp_path, LINEAR) == (Outcome.PASSED, "")


@pytest.mark.parametrize(
    ("student", "said"),
    [
        (QUADRATIC, "FLOPs: 59 times what this part allows"),
        (f"import torch\n{LINEAR} + 0 * torch.ones(len(q), len(q)).sum()",
         "your memory grows like n^2.0; linear is n^1.0"),
    ],
)  # fmt: skip
def test_the_example_tells_what_costs_too_much(tmp_path, student, said):
    assert ended(tmp_path, student) == (Outcome.FAILED, said)


def test_every_count_is_in_the_page():
    with metered() as used:
        pass
    assert used.counts().keys() <= ROWS


def test_everything_that_is_measured_from_outside_is_in_the_page():
    assert set(Used._fields) <= ROWS


def test_the_sentences_are_the_codes():
    with pytest.raises(CheckFailed) as failed:
        at_most(320, 100)
    assert f'"{failed.value}"' in PAGE
    with pytest.raises(CheckFailed) as failed:
        at_most(0, 1, "memory", measured=Used(0.0, 10 * SLACK))
    assert f'"{failed.value}"' in PAGE


def test_the_slack_is_the_codes():
    assert f"**{SLACK // MB} MB, and {COPIES} times what was counted and moved**" in PAGE
    assert f"up to {MOST_AT_IMPORT // MB} MB" in PAGE
