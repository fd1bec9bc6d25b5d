import pytest

from grader.errors import PluginError, SandboxUnavailable, Usage
from grader.hookspecs import hookimpl
from grader.model import Report, Status, Submission
from grader.pipeline import Interrupted

pytest_plugins = ["tests.fakes.grading"]

ALL = "double passed scale passed more passed"


# ---- load ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_loaded_says_why_and_the_batch_goes_on(grading):
    grading.hand_in(ada_bad="", ben=ALL)
    ada, ben = grading().submissions
    assert (ada.status, ada.reason, ada.earned) == (Status.UNGRADABLE, "line 1 is not Python", 0)
    assert ben.status is Status.GRADED


def test_a_file_that_no_plugin_loads_is_ungradable(grading):
    grading.hand_in(ada_odd="")
    (ada,) = grading().submissions
    assert (ada.status, ada.reason) == (Status.UNGRADABLE, "'ada.odd' is not a kind of file that is graded")


def test_a_loader_that_breaks_is_named_and_costs_no_student_a_zero(grading, caplog):
    grading.hand_in(ada_bug="", ben=ALL)
    ada, ben = grading().submissions
    assert ada.status is Status.UNFINISHED
    assert ada.reason == "the plugin executor broke while loading it: KeyError: 'cells'"
    assert "Traceback" in caplog.text
    assert ben.status is Status.GRADED


def test_notes_of_loading_come_before_those_of_running(grading):
    grading.hand_in(ada=ALL)
    assert grading().submissions[0].notes == ("as it came", "as it ran")


# ---- run -------------------------------------------------------------------------------------------------------


def test_the_same_files_are_executed_once_and_reported_for_each_student(grading):
    grading.hand_in(ada=ALL, ben=ALL, chloe="double passed")
    reports = grading().submissions
    assert grading.executed() == ["ada", "chloe"]
    assert [r.earned for r in reports] == [120, 120, 60]


def test_a_second_run_executes_nothing_and_starts_no_executor(grading):
    grading.hand_in(ada=ALL)
    first, second = grading(), grading()
    assert grading.plugins.get_plugin("executor").closed == [True]
    assert [first.submissions[0].regraded, second.submissions[0].regraded] == [True, False]
    assert first.submissions[0].attempt == second.submissions[0].attempt


def test_a_second_run_executes_what_changed(grading):
    grading.hand_in(ada=ALL, ben=ALL)
    grading()
    grading.hand_in(ben="double passed")
    assert [r.earned for r in grading().submissions] == [120, 60]
    assert grading.executed() == ["ada", "ben"]


def test_fresh_executes_again_and_still_once_for_the_same_files(grading):
    grading.hand_in(ada=ALL, ben=ALL)
    grading()
    grading(fresh=True)
    assert grading.executed() == ["ada", "ada"]


@pytest.mark.parametrize("options", [{"seed": 1}, {"sandbox": "cell"}, {"only": "double"}, {"language": "zh"}])
def test_what_decides_a_result_is_not_confused(grading, options):
    grading.hand_in(ada=ALL)
    grading()
    assert grading(**options).submissions[0].regraded


def test_a_broken_run_is_tried_three_times_then_unfinished_and_again_the_next_time(grading):
    grading.hand_in(ada="broken", ben=ALL)
    ada, ben = grading().submissions
    assert (ada.status, ada.reason) == (
        Status.UNFINISHED,
        "our side broke in each of 3 tries: the sandbox did not start",
    )
    assert (ben.status, ben.earned) == (Status.GRADED, 120)
    grading()
    assert grading.executed() == ["ada", "ben", "ada", "ada"] + ["ada"] * 3
    assert [a.report.student for a in grading.gradebook.attempts(latest=False)] == ["ada", "ben"]


def test_a_job_without_a_verdict_is_unfinished_for_each_who_waits(grading):
    grading.hand_in(ada="nothing", ben="nothing", chloe=ALL)
    assert [r.status for r in grading().submissions] == [Status.UNFINISHED, Status.UNFINISHED, Status.GRADED]


def test_a_verdict_on_a_job_that_was_not_given_is_the_executors_fault(grading):
    grading.hand_in(ada="alien")
    with pytest.raises(PluginError, match="not given"):
        grading()


def test_an_unknown_sandbox_ends_the_run_before_anything_is_executed(grading):
    grading.hand_in(ada=ALL)
    with pytest.raises(PluginError, match="no plugin provides a sandbox 'moat'"):
        grading(sandbox="moat")
    assert grading.executed() == []


def test_a_machine_that_cannot_confine_ends_the_run_before_anything_is_executed(grading):
    class Cannot:
        @hookimpl
        def grader_sandbox(self, name: str) -> None:
            raise SandboxUnavailable("no user namespaces")

    grading.plugins.register(Cannot())
    grading.hand_in(ada=ALL)
    with pytest.raises(SandboxUnavailable):
        grading()
    assert grading.executed() == []


def test_without_an_executor_the_error_says_what_is_missing(grading):
    grading.hand_in(ada=ALL)
    executor = grading.plugins.get_plugin("executor")
    grading.plugins.hook.grader_execute._remove_plugin(executor)
    with pytest.raises(PluginError, match="no plugin executes jobs"):
        grading()


def test_an_interruption_keeps_what_was_finished_and_closes_the_executor(grading):
    grading.hand_in(ada=ALL, ben="interrupt", chloe=ALL)
    with pytest.raises(Interrupted) as caught:
        grading()
    assert (caught.value.done, caught.value.total) == (1, 3)
    assert [a.report.student for a in grading.gradebook.attempts()] == ["ada"]
    assert grading.plugins.get_plugin("executor").closed == [True]


def test_an_interruption_between_verdicts_closes_the_executor_too(grading):
    class Impatient:
        @hookimpl
        def grader_submission_finished(self, report: Report) -> None:
            raise KeyboardInterrupt

    grading.plugins.register(Impatient())
    grading.hand_in(ada=ALL, ben=ALL + " ")
    with pytest.raises(Interrupted):
        grading()
    assert grading.plugins.get_plugin("executor").closed == [True]


def test_after_an_interruption_the_rest_is_graded_and_nothing_twice(grading):
    grading.hand_in(ada=ALL, ben="interrupt")
    with pytest.raises(Interrupted):
        grading()
    grading.hand_in(ben="double passed")
    assert [r.earned for r in grading().submissions] == [120, 60]
    assert grading.executed() == ["ada", "ben"]


def test_a_submission_is_loaded_only_when_the_executor_draws_it(grading):
    seen = []

    class Watching:
        @hookimpl
        def grader_submission_started(self, submission: Submission) -> None:
            seen.append((submission.student, list(grading.plugins.get_plugin("executor").drawn)))

    grading.plugins.register(Watching())
    grading.hand_in(ada=ALL, ben="double passed", chloe="scale passed")
    grading()
    assert seen == [("ada", []), ("ben", ["ada"]), ("chloe", ["ada", "ben"])]


# ---- score -----------------------------------------------------------------------------------------------------


def test_core_and_stretch_add_up_and_full_marks_are_those_of_the_core(grading):
    grading.hand_in(ada=ALL)
    (ada,) = grading().submissions
    assert (ada.earned, ada.pending, ada.possible) == (120, 0, 100)


def test_pending_points_are_neither_earned_nor_lost(grading):
    grading.hand_in(ada="double passed scale pending")
    (ada,) = grading().submissions
    assert (ada.earned, ada.pending, ada.possible) == (60, 40, 100)


def test_a_course_may_drop_what_needs_a_gpu(grading):
    grading.hand_in(ada="double passed scale pending")
    (ada,) = grading(without_gpu="drop").submissions
    assert (ada.earned, ada.pending, ada.possible) == (60, 0, 60)


def test_points_on_a_gpu_are_beside_the_hundred_and_no_bonus(lab):
    lab.hand_in(ada="double passed scale passed speed passed")
    (ada,) = lab.laptop().submissions
    assert (ada.earned, ada.pending, ada.possible) == (100, 30, 130)
    (ada,) = lab.h100().submissions
    assert (ada.earned, ada.pending, ada.possible) == (130, 0, 130)


def test_dropped_they_leave_the_full_marks_where_they_wait_alone(lab):
    lab.hand_in(ada="double passed scale passed speed failed")
    (ada,) = lab.laptop(without_gpu="drop").submissions
    assert (ada.earned, ada.pending, ada.possible) == (100, 0, 100)
    (ada,) = lab.h100(without_gpu="drop").submissions
    assert (ada.earned, ada.pending, ada.possible) == (100, 0, 130)


def test_under_only_gpu_full_marks_are_those_on_a_gpu(lab):
    lab.hand_in(ada="double passed scale passed speed passed")
    (ada,) = lab.h100(only="gpu", fresh=True).submissions
    assert (ada.earned, ada.possible) == (30, 30)


def test_under_only_full_marks_are_those_of_what_was_selected(grading):
    grading.hand_in(ada=ALL)
    (ada,) = grading(only="double").submissions
    assert (ada.earned, ada.possible) == (60, 60)


def test_only_that_selects_nothing_names_the_parts(grading):
    grading.hand_in(ada=ALL)
    with pytest.raises(Usage) as caught:
        grading(only="triple")
    assert caught.value.step == "name a mark, or a part: double, scale, more"


def test_an_adjustment_is_applied_with_its_reason(grading):
    grading.hand_in(ada=ALL + " late 5")
    (ada,) = grading().submissions
    assert ada.earned == 115
    assert [a.reason for a in ada.adjustments] == ["late"]


def test_adjustments_never_take_a_score_below_nothing(grading):
    grading.hand_in(ada="double passed late 500")
    assert grading().submissions[0].earned == 0


def test_a_score_that_a_plugin_failed_to_adjust_is_not_reported(grading):
    grading.hand_in(ada="double passed late soon", ben=ALL)
    ada, ben = grading().submissions
    assert ada.status is Status.UNFINISHED
    assert "the plugin executor broke while adjusting its score: ValueError" in ada.reason
    assert ben.earned == 120


def test_a_mended_adjustment_applies_without_executing_again(grading):
    grading.hand_in(ada="double passed", ben=ALL)
    grading()
    grading.plugins.register(Generous())
    assert [r.earned for r in grading().submissions] == [61, 121]
    assert grading.executed() == ["ada", "ben"]


class Generous:
    @hookimpl
    def grader_adjust_score(self):
        from grader.model import Adjustment

        return Adjustment(1, "for coming")
