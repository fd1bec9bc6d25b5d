"""Machines that differ in more than their GPU: languages, versions, and what goes wrong on one of them."""

import signal

import pytest

from grader.gradebook import Gradebook
from grader.hookspecs import hookimpl
from grader.model import Score, Status
from grader.pipeline import Interrupted
from tests.fakes.readings import ALL, scores

pytest_plugins = ["tests.fakes.grading"]


# ---- languages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", ["laptop", "h100"])
def test_a_plain_run_in_another_language_grades_all(lab, machine):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.judged()
    getattr(lab, machine)(language="zh")
    assert ("ada", "double") in lab.judged()


def test_what_needs_a_gpu_is_filled_in_from_another_language_too(lab):
    lab.hand_in(ada=ALL)
    lab.laptop(language="zh")
    lab.h100(only="gpu", language="en")
    assert scores(lab.standing()) == (150, 0, 130)


# ---- versions --------------------------------------------------------------------------------------------------


def test_builds_of_one_version_for_two_machines_count_as_one(lab):
    lab.hand_in(ada=ALL)
    lab.install(torch="2.6.0+cpu")
    lab.laptop()
    lab.judged()
    lab.install(torch="2.6.0+cu126")
    lab.h100()
    assert lab.judged() == [("ada", "speed")]


def test_with_other_versions_a_plain_run_grades_all(lab):
    lab.hand_in(ada=ALL)
    lab.install(torch="2.6.0")
    lab.laptop()
    lab.judged()
    lab.install(torch="2.7.0")
    lab.h100()
    assert len(lab.judged()) == 4


def test_what_needs_a_gpu_is_filled_in_with_other_versions_too(lab):
    lab.hand_in(ada=ALL)
    lab.install(torch="2.6.0")
    lab.laptop()
    lab.install(torch="2.7.0")
    lab.h100(only="gpu")
    assert scores(lab.standing()) == (150, 0, 130)


def test_a_machine_with_a_gpu_alone_grades_all_again_with_other_versions(lab):
    lab.hand_in(ada=ALL)
    lab.install(torch="2.6.0")
    lab.h100()
    lab.judged()
    lab.install(torch="2.7.0")
    lab.h100()
    assert len(lab.judged()) == 4


# ---- what goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["fails_there", "breaks_there"])
def test_what_cannot_be_graded_on_the_second_machine_keeps_what_the_first_found(lab, word):
    lab.hand_in(ada=f"{ALL} {word}")
    lab.laptop()
    (ada,) = lab.h100().submissions
    assert ada.status is Status.UNFINISHED
    assert ada.reason
    assert (lab.standing().status, *scores(lab.standing())) == (Status.GRADED, 120, 30, 130)
    assert lab.h100().submissions[0].status is Status.UNFINISHED  # and is tried again


def test_a_plugin_that_breaks_while_completing_leaves_the_attempt_as_it_was(lab, caplog):
    class Breaks:
        """Where full marks are the assignment's: at the completed attempt, not at the checks for a GPU."""

        @hookimpl
        def grader_adjust_score(self, score: Score) -> None:
            if score.possible == 130:
                raise ValueError("no")

    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.grading.plugins.register(Breaks(), "breaks")
    (ada,) = lab.h100(only="gpu").submissions
    assert ada.status is Status.GRADED
    assert "breaks broke while adjusting its score" in caplog.text
    assert lab.standing().pending == 30


def test_a_run_that_was_killed_before_the_attempt_was_completed_is_made_good_by_the_next(lab, monkeypatch):
    lab.hand_in(ada=ALL)
    lab.laptop()
    with monkeypatch.context() as killed:
        killed.setattr(Gradebook, "complete", lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(Interrupted):
            lab.h100(only="gpu")
    assert lab.standing().pending == 30
    lab.judged()
    lab.h100(only="gpu")
    assert lab.judged() == []
    assert scores(lab.standing()) == (150, 0, 130)


def test_what_a_run_has_seen_since_is_not_overwritten(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    (before,) = lab.gradebook.attempts()
    lab.laptop()
    assert lab.gradebook.complete(before, before.report) is False


def test_where_no_part_needs_a_gpu_every_machine_is_of_one_kind(lab):
    file = lab.grading.course.root / "assignments" / "01_tiny" / "assignment.toml"
    file.write_text(file.read_text().partition('[[parts]]\nid = "speed"')[0])
    lab.hand_in(ada="double passed scale passed more passed")
    lab.laptop()
    lab.judged()
    assert lab.h100().submissions[0].regraded is False
    assert lab.judged() == []


def test_what_is_pretended_fills_in_nothing(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.laptop(pretend_gpu="cpu", only="gpu")
    assert lab.standing().pending == 30
