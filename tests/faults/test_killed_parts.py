"""Whichever of its processes is killed, a run goes on: nobody is blamed, and no attempt is lost or doubled."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .conftest import RIGHT, Course

SLEEP = "import time; time.sleep(1)"
IMPORTS_SLOWLY = f"{SLEEP}\n{RIGHT}"
ANSWERS_SLOWLY = RIGHT.replace(  # one of its calls
    "return twice(x)", f"if x.dtype == torch.float64:\n        {SLEEP}\n    return twice(x)"
)
OUTSIDE = "its sandbox was killed from outside: by the kernel, if the host ran out of memory, or by hand"
KILLED = {  # whose killing is noticed how; the students are named in this order
    "holders": OUTSIDE,
    "keepers": "the keeper of the sandbox ended while student code was running",
    "referees": "its referee ended with wait status 9 before it had a verdict",
    "servers": "the warm referee ended",
    "zygotes": "the warm process that sandboxes are forked from ended",
}


@pytest.mark.parametrize(
    ("source", "moment"),
    [
        pytest.param(IMPORTS_SLOWLY, "importing", id="while a module is imported"),
        pytest.param(ANSWERS_SLOWLY, "answering", id="while a call is answered"),
    ],
)
def test_a_part_that_is_killed_costs_nobody_anything(course: Course, source: str, moment: str):
    for number, victim in enumerate(KILLED):
        course.hand_in(victim, f"{source}\n# {number}\n")
    run = course.run(workers=1)
    hit: set[int] = set()
    for victim in KILLED:
        hit.add(run.wait_for(getattr(run, moment), other_than=hit))
        os.kill(run.wait_for(getattr(run, victim)), signal.SIGKILL)
    done = run.finish()
    assert done.returncode == 0, done.stderr
    for victim, reason in KILLED.items():
        assert f"{victim} is tried again: {reason}\n" in done.stderr
    assert course.scores() == dict.fromkeys(KILLED, ("graded", 100.0))
    assert run.left() == {}


def test_what_our_side_breaks_in_every_try_is_for_the_instructor_and_the_next_run(course: Course):
    course.hand_in("ada", IMPORTS_SLOWLY)
    run = course.run()
    hit: set[int] = set()
    for victim in ("referees", "holders", "keepers"):
        hit.add(run.wait_for(run.importing, other_than=hit))
        os.kill(run.wait_for(getattr(run, victim)), signal.SIGKILL)
    done = run.finish()
    assert done.returncode == 0, done.stderr
    ada = course.attempts()["ada"]
    assert (ada.report.status, ada.settled, ada.report.checks) == ("unfinished", False, ())
    each = "; then ".join(KILLED[victim] for victim in ("referees", "holders", "keepers"))
    assert ada.report.reason == f"our side broke in each of 3 tries: {each}"
    assert course.run().finish().returncode == 0
    assert course.scores() == {"ada": ("graded", 100.0)}
    assert course.attempts()["ada"].id == ada.id


SLEEPS_THE_FIRST_TIME = """
import os, time
if not os.path.exists({flag!r}):
    open({flag!r}, "w").close()
    time.sleep(600)
"""


def test_without_walls_a_killed_zygote_leaves_no_student_code_behind(course: Course, tmp_path: Path):
    """There is no sandbox whose end would take it along."""
    course.hand_in("ada", SLEEPS_THE_FIRST_TIME.format(flag=str(tmp_path / "flag")) + RIGHT)
    run = course.run("--sandbox", "none")
    run.wait_for(run.importing)
    os.kill(run.wait_for(run.zygotes), signal.SIGKILL)
    done = run.finish()
    assert done.returncode == 0, done.stderr
    assert f"ada is tried again: {KILLED['zygotes']}\n" in done.stderr
    assert course.scores() == {"ada": ("graded", 100.0)}
    assert run.left() == {}
