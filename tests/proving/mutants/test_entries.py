"""What proof.toml says of mutants."""

import pytest

from grader.proving.exceptions import Equivalent
from grader.proving.mutants.entries import marked, on_entries
from grader.proving.mutants.hunt import Fate
from grader.proving.mutants.mutant import of_lines

MUTANT = of_lines("double", "    return 2 * x\n", "    return x * 2\n")
ENTRY = Equivalent(was="return 2 * x", becomes="return x * 2", within="double", reason="it commutes")


def problems(entry, fates):
    return [finding.problem for finding in on_entries([entry], [MUTANT], fates)]


def test_an_entry_whose_mutant_lives_is_true():
    assert problems(ENTRY, {0: Fate()}) == []
    assert marked(MUTANT, [ENTRY])


def test_an_entry_whose_mutant_was_not_judged_is_believed():
    assert problems(ENTRY, {}) == []


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        pytest.param(Fate(lost="values"), "but values notices it", id="by a check"),
        pytest.param(Fate(unloaded=True), "but its import, which fails, notices it", id="by its import"),
    ],
)
def test_an_entry_whose_mutant_is_noticed_is_not_true(fate, said):
    (problem,) = problems(ENTRY, {0: fate})
    assert said in problem


@pytest.mark.parametrize("other", [{"was": "return 3 * x"}, {"becomes": "return x"}, {"within": "triple"}])
def test_an_entry_that_is_no_mutant_is_stale(other):
    entry = Equivalent(**{"was": ENTRY.was, "becomes": ENTRY.becomes, "within": ENTRY.within, "reason": "r"} | other)
    assert not marked(MUTANT, [entry])
    assert problems(entry, {0: Fate()}) == ["is marked as equivalent, and is no mutant of the solution"]


def test_an_entry_without_a_reason_marks_nothing():
    entry = Equivalent(ENTRY.was, ENTRY.becomes, ENTRY.within, reason="  ")
    assert not marked(MUTANT, [entry])
    assert problems(entry, {0: Fate()}) == ["is marked as equivalent without a reason"]


def test_lines_that_changed_are_told_without_those_around_them():
    before = "def f():\n    g(\n        1,\n        2,\n    )\n"
    mutant = of_lines("f", before, before.replace("        1,\n        2,\n", "        2,\n"))
    assert (mutant.line, mutant.was, mutant.becomes) == (3, "1,", "")
