from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader.errors import CourseError, Usage
from grader.hookspecs import hookimpl
from grader.model import Gradesheet, Outcome, Report, Status, Submission
from grader.pipeline import replay
from grader.roster import Roster

pytest_plugins = ["tests.fakes.grading"]

ALL = "double passed scale passed more passed"


# ---- discover --------------------------------------------------------------------------------------------------


def test_reports_are_in_the_order_of_discovery(grading):
    grading.hand_in(zoe=ALL, ada="double passed", bad_bad="", ben="double failed")
    assert [r.student for r in grading().submissions] == ["ada", "bad", "ben", "zoe"]


def test_where_only_the_handout_is_nothing_can_be_graded(grading):
    (grading.course.root / "solutions" / "01_tiny").rmdir()
    grading.hand_in(ada=ALL)
    with pytest.raises(CourseError) as caught:
        grading()
    assert caught.value.step == "write its hidden checks in solutions/01_tiny/ of the course"


def test_a_path_that_is_not_there_ends_the_run_before_it_begins(grading):
    with pytest.raises(Usage, match="nothing here to grade"):
        grading(grading.inbox / "nobody.py")


def test_an_empty_inbox_is_an_error_that_says_so(grading):
    with pytest.raises(Usage, match="nothing was handed in"):
        grading()


def test_a_layout_that_no_plugin_knows_is_an_error_that_says_so(grading):
    grading.hand_in(a_mystery="")
    with pytest.raises(Usage, match="no plugin knows"):
        grading(grading.inbox / "a.mystery")


def test_a_submission_that_two_paths_hold_is_graded_once(grading):
    grading.hand_in(ada=ALL)
    assert len(grading(grading.inbox, grading.inbox / "ada.py").submissions) == 1


def test_the_roster_names_the_student_and_knows_the_time(grading):
    grading.hand_in(s1=ALL)
    time = datetime(2026, 1, 1, tzinfo=UTC)
    roster = Roster(students={"s1": "Ada"}, times={"01_tiny": {"s1": time}})
    (report,) = grading(roster=roster).submissions
    assert (report.student, report.submitted) == ("Ada", time)


def test_two_submissions_of_one_student_are_not_chosen_between(grading):
    grading.hand_in(ada=ALL, ada_ipynb=ALL, ben=ALL)
    ada, other, ben = grading().submissions
    assert ada.status is other.status is Status.UNGRADABLE
    assert ada.reason == "more than one submission could be meant: ada.ipynb and ada.py"
    assert ben.status is Status.GRADED


# ---- report ----------------------------------------------------------------------------------------------------


class Witness:
    def __init__(self) -> None:
        self.seen: list[Any] = []

    @hookimpl
    def grader_run_started(self, submissions: Sequence[Submission]) -> None:
        self.seen.append(f"run of {len(submissions)}")

    @hookimpl
    def grader_submission_started(self, submission: Submission) -> None:
        self.seen.append(f"{submission.student} started")

    @hookimpl
    def grader_submission_finished(self, report: Report) -> None:
        self.seen.append(f"{report.student} finished as attempt {report.attempt}")

    @hookimpl
    def grader_run_finished(self, gradesheet: Gradesheet) -> None:
        self.seen.append(f"{len(gradesheet.submissions)} reports")


def test_plugins_are_told_of_each_step_in_order(grading):
    witness = Witness()
    grading.plugins.register(witness)
    grading.hand_in(ada=ALL, ben_bad="")
    grading()
    assert witness.seen == [
        "run of 2",
        "ada started",
        "ada finished as attempt 1",
        "ben started",
        "ben finished as attempt 2",
        "2 reports",
    ]


def test_the_gradesheet_says_what_the_results_stand_on(grading):
    grading.hand_in(ada=ALL)
    gradesheet = grading(sandbox="cell")
    assert (gradesheet.sandbox, gradesheet.submissions[0].sandbox) == ("cell", "cell")
    assert set(gradesheet.environment) == {"python", "grader", "torch", "numpy", "pytest"}
    assert (gradesheet.assignment.id, len(gradesheet.assignment.digest)) == ("01_tiny", 64)


def test_the_gradesheet_names_the_headings_of_the_handout_and_no_result_depends_on_them(grading):
    grading.hand_in(ada=ALL)
    before = grading()
    parts = before.assignment.parts
    headings = [f"## {part.title} ({part.points:g} points)" for part in parts]
    (grading.course.assignment("1").folder / "README.md").write_text("\n".join(headings))
    again = grading()
    assert (before.assignment.sections, again.submissions[0].regraded) == ((), False)
    assert [section.heading for section in again.assignment.sections] == [part.title for part in parts]


def test_an_attempt_keeps_its_seed_and_files_for_a_replay(grading):
    grading.hand_in(ada=ALL)
    grading()
    (attempt,) = grading.gradebook.attempts()
    assert len(attempt.seed) == 32
    assert grading.gradebook.files(attempt.report.digest).files == {"tiny.py": ALL.encode()}


def test_a_replay_executes_and_records_nothing(grading):
    from grader.work import Job

    grading.hand_in(ada=ALL)
    (ada,) = grading().submissions
    (attempt,) = grading.gradebook.attempts()
    job = Job(
        key=attempt.key,
        assignment=grading.course.assignment("1"),
        submission=Submission("ada", Path(ada.path)),
        loaded=grading.gradebook.files(ada.digest),
        seed=attempt.seed,
        sandbox="bwrap",
        only="double",
    )
    verdict = replay(grading.plugins, job)
    assert [(c.name, c.outcome) for c in verdict.checks] == [("double", Outcome.PASSED)]
    assert verdict.checks[0].detail == ada.checks[0].detail
    assert len(grading.gradebook.attempts(latest=False)) == 1


def test_a_replay_without_a_verdict_says_so(grading):
    from grader.model import Loaded
    from grader.work import Job

    loaded = Loaded(files={"tiny.py": b"nothing"}, entry="tiny.py")
    job = Job("k", grading.course.assignment("1"), Submission("ada", Path("ada.py")), loaded, b"s", "bwrap")
    verdict = replay(grading.plugins, job)
    assert (verdict.status, verdict.checks) == (Status.UNFINISHED, ())
    assert verdict.reason == "our side broke in each of 3 tries: the executor gave no verdict"


def test_inputs_differ_between_submissions_and_return_with_the_same_files(grading):
    grading.hand_in(ada=ALL, ben=ALL + " ")
    ada, ben = grading().submissions
    again, _ = grading(fresh=True).submissions
    assert ada.checks[0].detail != ben.checks[0].detail
    assert ada.checks[0].detail == again.checks[0].detail


def test_a_seed_makes_inputs_that_do_not_depend_on_the_course(grading):
    grading.hand_in(ada=ALL)
    first = grading(seed=7).submissions[0].checks[0].detail
    assert not (grading.course.root / ".grader" / "secret").exists()
    assert grading(seed=8).submissions[0].checks[0].detail != first
