"""A canary is in each place where no student may look, and is found in all that a student reads."""

from __future__ import annotations

import os
import re

import pytest

from grader.model import CheckResult, Diagnosis, Outcome, Report, Status
from grader.redteam.canary import PLACES, VARIABLE, hatch, in_environment, sow


def report(canary: str, *, place: str) -> Report:
    """Return a report in one field of which is a canary."""
    said = {"message": canary} if place == "message" else {"detail": canary} if place == "detail" else {}
    diagnosis = Diagnosis("named", canary) if place == "hint" else None
    title = canary if place == "title" else "Title."
    check = CheckResult("test", "part", title, 1, 0, Outcome.FAILED, diagnosis=diagnosis, **said)
    fields = {"notes": (canary,)} if place == "notes" else {place: canary} if place in ("reason", "output") else {}
    return Report("ada", "ada.py", Status.GRADED, 0, 0, 1, checks=(check,), **fields)


def test_each_place_has_a_word_of_its_own_and_each_raid_others():
    words = [*hatch().words.values(), *hatch().words.values()]
    assert len(set(words)) == 2 * len(PLACES)
    assert all(re.fullmatch("CANARY-[0-9a-f]{32}", word) for word in words)


@pytest.mark.parametrize("place", ["message", "hint", "title", "reason", "output", "notes"])
def test_a_canary_is_seen_wherever_a_student_reads(place):
    canaries = hatch()
    assert canaries.seen_in(report(f"it is {canaries['gradebook']}.", place=place)) == ["gradebook"]


def test_a_canary_in_what_only_the_instructor_reads_has_not_leaked():
    canaries = hatch()
    assert canaries.seen_in(report(canaries["solutions"], place="detail")) == []


def test_another_raids_canary_is_nobodys():
    assert hatch().seen_in(report(hatch()["solutions"], place="output")) == []


def test_every_file_of_the_solutions_gets_one_and_the_course_another(tmp_path):
    (tmp_path / "solutions/01_tiny/alternatives").mkdir(parents=True)
    files = [tmp_path / "solutions/01_tiny" / name for name in ("tiny.py", "alternatives/other.py")]
    for file in files:
        file.write_text("x = 1")
    canaries = hatch()
    sow(canaries, tmp_path)
    for file in files:
        scope: dict[str, object] = {}
        exec(file.read_text(), scope)
        assert (scope["x"], scope["_CANARY"]) == (1, canaries["solutions"])
    assert canaries["handout's folder"] in (tmp_path / "canary.txt").read_text()


@pytest.mark.parametrize("before", [None, "something else"])
def test_the_environment_is_as_it_was_afterwards(before, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    if before:
        monkeypatch.setenv(VARIABLE, before)
    with in_environment("a word"):
        assert os.environ[VARIABLE] == "a word"
    assert os.environ.get(VARIABLE) == before
