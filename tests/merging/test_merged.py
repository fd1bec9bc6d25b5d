"""What comes of joining two reports, field by field."""

from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from grader.errors import PluginError
from grader.hookspecs import hookimpl
from grader.manager import build_manager
from grader.merging import merged
from grader.model import Outcome, Report, Status
from grader.run import rescored

from .sheets import CHECKS, DUE, GPU, assignment, check, named, report, sheet

PLUGINS = build_manager(defaults=["grader_late"], installed=False)
ANYWHERE = [name for name in CHECKS if name not in GPU]


def merge(*sheets, without_gpu="pending", plugins=PLUGINS):
    return merged(named(*sheets), partial(rescored, plugins, assignment(), without_gpu))


def of_cpu(**changes) -> Report:
    checks = [*(check(name) for name in ANYWHERE), *(check(name, Outcome.PENDING) for name in GPU)]
    return report(**{"checks": checks, "earned": 105.0, "pending": 30.0, "machine": "cpu"} | changes)


def of_gpu(**changes) -> Report:
    checks = [check("kernel"), check("memory", Outcome.FAILED)]
    values = {"checks": checks, "earned": 10.0, "possible": 30.0, "machine": "cuda NVIDIA H100"}
    return report(**values | changes)


def both(cpu: Report, gpu: Report, **options) -> Report:
    (joined,) = merge(sheet(cpu), sheet(gpu), **options).submissions
    return joined


def test_full_marks_are_the_assignments_once_all_checks_are_there():
    joined = both(of_cpu(), of_gpu())
    assert (joined.earned, joined.pending, joined.possible) == (115, 0, 130)
    assert [one.name for one in joined.checks] == [*CHECKS]


def test_full_marks_are_those_of_the_checks_until_then():
    joined = both(of_gpu(), report(checks=[check("order")], earned=40.0, possible=40.0))
    assert (joined.earned, joined.possible) == (50, 70)


def test_where_nobody_waits_for_a_gpu_its_points_come_back_with_it():
    dropped = of_cpu(pending=0.0, possible=100.0)
    assert both(dropped, dropped, without_gpu="drop").possible == 100
    assert both(dropped, of_gpu(), without_gpu="drop").possible == 130


def test_lateness_is_taken_from_all_points_and_not_twice():
    late = DUE + timedelta(hours=30)
    cpu, gpu = of_cpu(submitted=late, earned=79.0), of_gpu(submitted=late, earned=4.0)
    joined = both(cpu, gpu)
    assert [(change.points, change.reason) for change in joined.adjustments] == [(-26, "2 days late")]
    assert joined.earned == 115 - 26


def test_the_time_of_handing_in_is_known_where_one_file_has_it():
    late = DUE + timedelta(hours=30)
    joined = both(of_cpu(), of_gpu(submitted=late))
    assert (joined.submitted, joined.earned) == (late, 89)


def test_one_moment_in_two_time_zones_is_one_moment():
    from zoneinfo import ZoneInfo

    assert both(of_cpu(submitted=DUE), of_gpu(submitted=DUE.astimezone(ZoneInfo("Asia/Shanghai")))).submitted == DUE


def test_a_student_of_one_file_alone_stays():
    ben = of_cpu(student="ben")
    ada, joined = merge(sheet(of_cpu(), ben), sheet(of_gpu())).submissions
    assert (ada.student, joined) == ("ada", ben)


def test_students_are_in_the_order_of_their_names():
    joined = merge(sheet(of_cpu(student="zoe"), of_cpu(student="ben")), sheet(of_cpu(student="ada")))
    assert [one.student for one in joined.submissions] == ["ada", "ben", "zoe"]


def test_checks_are_in_the_authors_order_whichever_file_has_all_of_them():
    turned = [check(name) for name in reversed(CHECKS)]
    joined = both(of_gpu(checks=[check("kernel")]), report(checks=turned))
    assert [one.name for one in joined.checks] == [*reversed(CHECKS)]


@pytest.mark.parametrize(
    "written", [[*CHECKS], ["dtype", "order", "kernel", "values", "memory", "more"]], ids=["by part", "across parts"]
)
def test_checks_are_by_part_and_name_until_a_file_comes_that_has_all_of_them(written):
    """In that file's order then, whatever was joined before."""
    halves = (("values", *GPU), ("more", "order", "dtype"))
    together = both(*(report(checks=[check(name) for name in names]) for names in halves))
    assert [one.name for one in together.checks] == ["dtype", "values", "order", "more", "kernel", "memory"]
    every = report(checks=[check(name) for name in written])
    assert [one.name for one in both(together, every).checks] == written
    assert [one.name for one in both(every, together).checks] == written


def test_machines_and_versions_of_both_are_kept():
    joined = merge(
        sheet(of_cpu(), environment={"torch": "2.6.0+cpu", "python": "3.11"}, machine="cpu"),
        sheet(of_gpu(), environment={"torch": "2.6.0+cu126", "python": "3.11"}, machine="cuda NVIDIA H100"),
    )
    assert joined.environment == {"python": "3.11", "torch": "2.6.0+cpu; 2.6.0+cu126"}
    assert joined.machine == joined.submissions[0].machine == "cpu; cuda NVIDIA H100"


def test_what_can_be_forged_in_part_is_marked_as_a_whole():
    joined = merge(sheet(of_cpu(), of_cpu(student="ben")), sheet(of_gpu(sandbox="none"), sandbox="none"))
    assert [one.sandbox for one in joined.submissions] == ["none", "bwrap"]
    assert joined.sandbox == "bwrap; none"


def test_two_walls_are_both_named():
    assert both(of_cpu(), of_gpu(sandbox="cell")).sandbox == "bwrap; cell"


def test_a_machine_that_broke_takes_nothing_from_what_another_found():
    broken = report(checks=[], status=Status.UNFINISHED, reason="the sandbox did not start", digest="")
    joined = both(of_cpu(), broken)
    assert (joined.status, joined.reason, joined.earned, joined.pending) == (Status.GRADED, "", 105, 30)


def test_a_part_of_the_checks_does_not_make_a_grade_of_what_broke_elsewhere():
    broken = report(checks=[], status=Status.UNFINISHED, reason="the sandbox did not start", machine="")
    joined = both(broken, of_gpu())
    assert (joined.status, joined.reason) == (Status.UNFINISHED, "the sandbox did not start")
    assert (joined.earned, joined.possible, len(joined.checks)) == (0, 130, 2)


def test_what_could_not_be_loaded_on_either_stays_so():
    bad = report(checks=[], status=Status.UNGRADABLE, reason="line 1 is not Python", digest="")
    joined = both(bad, replace(bad, path="/mnt/ada.py"))
    assert (joined.status, joined.reason, joined.earned) == (Status.UNGRADABLE, "line 1 is not Python", 0)


def test_a_student_of_whom_two_submissions_could_be_meant_is_one_student():
    reason = "more than one submission could be meant: ada.ipynb and ada.py"
    two = [
        report(checks=[], status=Status.UNGRADABLE, reason=reason, digest="", path=path) for path in ("a.py", "a.ipynb")
    ]
    (joined,) = merge(sheet(*two), sheet(*two)).submissions
    assert (joined.status, joined.reason) == (Status.UNGRADABLE, reason)


def test_notes_of_both_are_kept_once():
    joined = both(of_cpu(notes=("unpacked", "cell 7")), of_gpu(notes=("unpacked",)))
    assert joined.notes == ("cell 7", "unpacked")


@pytest.mark.parametrize(("number", "kept"), [(1, 1), (2, None)])
def test_an_attempt_keeps_its_number_in_the_same_gradebook_alone(number, kept):
    same = "k" * 64
    assert both(of_cpu(attempt=1, key=same), of_cpu(attempt=number, key=same, seconds=9.0)).attempt == kept
    assert both(of_cpu(attempt=1, key="1" * 64), of_gpu(attempt=1, key="2" * 64)).attempt is None


def test_a_plugin_that_breaks_is_named_with_the_student():
    class Breaks:
        @hookimpl
        def grader_adjust_score(self, assignment, submission, score):
            raise KeyError("rate")

    plugins = build_manager(defaults=[], installed=False)
    plugins.register(Breaks(), "breaks")
    with pytest.raises(PluginError, match="breaks broke while adjusting the score of 'ada'"):
        merge(sheet(of_cpu()), sheet(of_gpu()), plugins=plugins)
