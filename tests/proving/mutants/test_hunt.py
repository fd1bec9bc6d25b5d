"""The hunt of one mutant, in a fork."""

import os

import pytest

from grader.course import find_course
from grader.errors import GraderError
from grader.proving.bench import at_bench
from grader.proving.mutants.hunt import Fate, Hunt
from grader.proving.mutants.mutant import of_lines
from grader.proving.mutants.survey import Survey
from grader.teaching.source import source_of
from tests.referee.tiny import copy_of_tiny


def fates(folder, *changes, work=Hunt.fate):
    """What becomes of the tiny solution, with each of these lines (function, was, becomes)."""
    assignment = find_course(copy_of_tiny(folder / "course")).assignment("1")
    source = source_of(assignment)
    text = source.read_text()
    mutants = [of_lines(function, text, text.replace(was, becomes)) for function, was, becomes in changes]
    place = folder / "mutants"
    place.mkdir()

    def hunted(bench):
        hunt = Hunt(Survey(bench, source), mutants, place)
        return [work(hunt, number) for number in range(len(mutants))]

    return at_bench(assignment, hunted)


DIVIDES = ("Scaler.__call__", "return self.factor * x", "return self.factor / x")
THE_SAME = ("Scaler.__call__", "return self.factor * x", "return x * self.factor")


def test_a_mutant_is_killed_by_the_first_check_that_it_loses(tmp_path):
    assert fates(tmp_path, DIVIDES, THE_SAME) == [Fate(lost="scale_values"), Fate()]


def test_a_mutant_that_cannot_be_imported_is_killed(tmp_path):
    for number, ending in enumerate(("raise SystemExit(0)", "import nothing_of_this_name")):
        change = ("", "import torch\n", f"import torch\n{ending}\n")
        assert fates(tmp_path / str(number), change) == [Fate(unloaded=True)]


def test_a_mutant_that_ends_the_process_is_killed(tmp_path):
    ends = ("Scaler.__call__", "return self.factor * x", "import os; os._exit(0)")
    assert fates(tmp_path, ends) == [Fate(lost="scale_values")]


def test_a_mutant_that_takes_all_memory_is_killed(tmp_path):
    takes = (
        "Scaler.__call__",
        "return self.factor * x",
        "torch.empty(1 << 33, dtype=torch.uint8); return self.factor * x",
    )
    assert fates(tmp_path, takes) == [Fate(lost="scale_values")]


def test_what_a_mutant_does_reaches_no_other(tmp_path):
    writes = ("Scaler.__call__", "return self.factor * x", "torch.set_default_dtype(torch.float64); return None")
    assert fates(tmp_path, writes, THE_SAME) == [Fate(lost="scale_values"), Fate()]


def test_the_check_that_killed_last_is_asked_first_in_the_same_function(tmp_path):
    def asked(hunt, number):
        function = hunt.mutants[number].function
        hunt.kills[function, "keeps_dtype[int64]"] += 1
        return hunt.survey.checks[hunt.asking(function)[0].nodeid].name

    assert fates(tmp_path, ("twice", "return torch.add(x, x)", "return x"), work=asked) == ["keeps_dtype[int64]"]


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        pytest.param(lambda *_: os._exit(3), "it ended by itself", id="ended"),
        pytest.param(lambda *_: {}["a key"], "KeyError: 'a key'", id="with an exception, whose traceback is kept"),
    ],
)
def test_a_judge_that_breaks_is_our_fault_and_no_kill(tmp_path, monkeypatch, breaks, said):
    monkeypatch.setattr(Hunt, "_judged", breaks)
    with pytest.raises(GraderError, match="what judged a mutant broke") as caught:
        fates(tmp_path, THE_SAME)
    assert said in caught.value.problem
    assert caught.value.place == "Scaler.__call__, line 58"
