"""A run on this machine: one start, and whatever goes wrong in it is one submission's trouble."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import call, create_autospec

import pytest
from msgspec.structs import replace

import grader_local
from grader.errors import CheckDefect, GraderError, SandboxUnavailable
from grader.model import Outcome, Status
from grader.referee import task as messages
from grader.referee.memory import processes
from grader.referee.task import Broken, Judged, Ready
from grader.wire.entry import ZYGOTE_READY
from grader.wire.frames import send
from grader.work import Job, Sandbox, Verdict
from tests.attacks.conftest import jobs, nothing_left_behind, tight_course
from tests.referee.tiny import RIGHT

WALLS = Sandbox("bwrap", confined=True, hold="grader_bwrap:hold", prepare="grader_bwrap:prepare")
NO_WALLS = Sandbox("none", confined=False)
SUBMISSIONS = {
    "right": RIGHT,
    "wrong": RIGHT.replace("2 * x", "2 + x"),
    "stub": "def double(x): raise NotImplementedError\nclass Scaler: ...\n",
    "broken": "print('here')\n1 / 0\n",
    "sleeps": "import time\ntime.sleep(600)\n",
}


class Course:
    """A tiny course whose submissions may take long to load."""

    def __init__(self, folder: Path) -> None:
        self.solution = tight_course(folder)
        toml = folder / "assignments/01_tiny/assignment.toml"
        toml.write_text(toml.read_text().replace("load_seconds = 5", "load_seconds = 60"))
        self.folder = folder

    def job(self, name: str, key: str = "", **changed: object) -> Job:
        """Return a job for one of the submissions."""
        path = self.folder / f"{name}.py"
        path.write_text(SUBMISSIONS[name])
        (made,) = jobs(self.solution, [path], "bwrap")
        return replace(made, key=key or name, **changed)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("local"))


def executed(pid: int) -> str:
    """Return what a process executes; nothing, where it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


class Started:
    """The processes that a run has started: they are named by what they execute."""

    def __init__(self) -> None:
        self.before = processes([os.getpid()])

    def named(self, module: str) -> int:
        """Wait until one executes it: for a moment after the start of a program it has no command line."""
        while True:
            new = processes([os.getpid()]) - self.before
            if found := [pid for pid in new if module in executed(pid)]:
                return min(found)

    def referees(self) -> set[int]:
        server = self.named("grader.referee.server")
        return {int(pid) for pid in Path(f"/proc/{server}/task/{server}/children").read_text().split()}


def environment(pid: int) -> bytes:
    """Return the environment with which a process was executed: nothing, where the kernel refuses."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return b""


@pytest.fixture(scope="module")
def verdicts(course: Course) -> dict[str, Verdict]:
    """A batch by two workers in which a referee is killed, and then the warm process that sandboxes come from."""
    started = Started()
    seen: dict[str, object] = {}

    def batch() -> Iterator[Job]:
        yield from (course.job(name) for name in ("right", "wrong", "stub", "broken"))
        yield course.job("right", "only", only="scale")
        yield course.job("wrong", "chinese", language="zh")
        yield course.job("right", "again")
        yield course.job("sleeps", "referee killed")
        (referee,) = started.referees()  # the other worker waits for this iterator
        os.kill(referee, signal.SIGKILL)
        yield course.job("right", "after that")
        seen["environ"] = environment(started.named("grader.candidate.zygote"))
        seen["referee's environ"] = environment(started.named("grader.referee.server"))
        yield course.job("sleeps", "zygote killed")
        os.kill(started.named("grader.candidate.zygote"), signal.SIGKILL)
        yield course.job("right", "beside it")
        yield course.job("right", "by the next pair")

    with nothing_left_behind():
        found = {verdict.key: verdict for verdict in grader_local.grader_execute(batch(), WALLS, 2)}
    found["seen"] = seen  # type: ignore[assignment]
    return found


def outcomes(verdict: Verdict) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in verdict.checks}


def test_every_job_has_its_verdict(verdicts):
    assert set(outcomes(verdicts["right"]).values()) == {Outcome.PASSED}
    assert sum(check.earned for check in verdicts["wrong"].checks) == 40
    assert set(outcomes(verdicts["stub"]).values()) == {Outcome.NOT_ATTEMPTED, Outcome.BLOCKED, Outcome.ERROR}
    assert verdicts["again"].status is Status.GRADED
    assert all(verdicts[name].cpu_seconds > 0 for name in ("right", "wrong", "again"))


def test_a_misconception_is_diagnosed(verdicts):
    diagnoses = {check.name: check.diagnosis for check in verdicts["wrong"].checks if check.diagnosis}
    assert {name: found.misconception for name, found in diagnoses.items()} == {"values": "adds_two"}


def test_a_module_that_cannot_be_imported_is_ungradable_and_says_why(verdicts):
    verdict = verdicts["broken"]
    assert (verdict.status, verdict.checks, verdict.output) == (Status.UNGRADABLE, (), "here\n")
    assert verdict.reason.startswith("tiny.py could not be imported: ZeroDivisionError at tiny.py, line 2")


def test_a_job_can_ask_for_a_part_and_a_language(verdicts):
    assert set(outcomes(verdicts["only"])) == {"scale_values", "refuses_a_negative_factor"}
    assert verdicts["chinese"].checks[0].title == "输出是输入的两倍"


def test_a_referee_that_is_killed_is_an_unfinished_verdict_and_the_batch_goes_on(verdicts):
    verdict = verdicts["referee killed"]
    assert (verdict.status, verdict.checks) == (Status.UNFINISHED, ())
    assert verdict.reason == "its referee ended with wait status 9 before it had a verdict"
    assert verdicts["after that"].status is Status.GRADED


def test_a_warm_process_that_is_killed_is_never_the_students_fault(verdicts):
    reason = "the warm process that sandboxes are forked from ended"
    for key in ("zygote killed", "beside it"):
        assert verdicts[key] == Verdict(key, Status.UNFINISHED, reason=reason)
    assert verdicts["by the next pair"].status is Status.GRADED


def test_the_warm_process_has_nothing_of_our_environment_and_the_referee_no_secret(verdicts):
    assert verdicts["seen"]["environ"] == b"OPENBLAS_NUM_THREADS=1\0CUDA_VISIBLE_DEVICES=\0"
    names = {word.partition(b"=")[0] for word in verdicts["seen"]["referee's environ"].split(b"\0") if word}
    unread = os.geteuid() != 0  # the referee is not dumpable: even its own user cannot look
    known = {b"PYTEST_DISABLE_PLUGIN_AUTOLOAD", b"PATH", b"OMP_NUM_THREADS", b"CUDA_VISIBLE_DEVICES"}
    assert names == (set() if unread else known)


def test_a_run_that_is_given_up_leaves_no_process_even_without_walls(course: Course):
    def batch() -> Iterator[Job]:
        yield course.job("right")
        yield course.job("sleeps")
        yield course.job("sleeps", "another")

    with nothing_left_behind():
        run = grader_local.grader_execute(batch(), NO_WALLS, 2)
        assert next(run).key == "right"
        run.close()


@pytest.mark.parametrize("why", [KeyboardInterrupt, GeneratorExit])
def test_a_process_of_a_run_that_is_given_up_is_soon_killed(why):
    process = create_autospec(subprocess.Popen, instance=True)
    process.wait.side_effect = [subprocess.TimeoutExpired("referee", 0), 0]
    grader_local._end(process, why)
    assert process.wait.call_args_list == [call(grader_local.GIVEN_UP_SECONDS), call()]
    assert process.kill.called


@pytest.mark.parametrize("why", [None, CheckDefect])
def test_a_process_of_another_run_has_time_to_end_by_itself(why):
    process = create_autospec(subprocess.Popen, instance=True)
    grader_local._end(process, why)
    assert process.wait.call_args_list == [call(grader_local.END_SECONDS)]
    assert not process.kill.called


def test_what_is_started_is_out_of_the_reach_of_a_terminals_ctrl_c():
    started = Started()
    with ExitStack() as stack:
        grader_local.start_zygote(stack)
        assert os.getpgid(started.named("grader.candidate.zygote")) != os.getpgrp()


def test_without_jobs_nothing_is_started():
    started = Started()
    assert list(grader_local.grader_execute([], WALLS, 2)) == []
    assert processes([os.getpid()]) - started.before == set()


# ---- starting, with the two processes played -----------------------------------------------------------------------

Play = Callable[[str, socket.socket], None]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, course: Course) -> Callable[..., list[Verdict]]:
    """Run jobs, one at a time, with `play(module, its socket)` in place of each process."""

    def run(play: Play, *more: str) -> list[Verdict]:
        def spawn(stack: ExitStack, module: str, sockets: list[socket.socket], environment: dict[str, str]) -> None:
            play(module.rpartition(".")[2], stack.enter_context(sockets[0].dup()))

        monkeypatch.setattr(grader_local, "_spawn", spawn)
        batch = [course.job("right", key) for key in ("right", *more)]
        return list(grader_local.grader_execute(batch, WALLS, 1))

    return run


def test_checks_that_are_broken_end_the_run_with_their_own_words(played):
    def play(module: str, own: socket.socket) -> None:
        own.send(ZYGOTE_READY) if module == "zygote" else send(own, messages.encode(Broken("check-defect", "no part")))

    with pytest.raises(CheckDefect, match="no part"):
        played(play)


def test_a_referee_that_ends_before_it_is_ready_ends_the_run(played):
    def play(module: str, own: socket.socket) -> None:
        own.send(ZYGOTE_READY) if module == "zygote" else own.shutdown(socket.SHUT_RDWR)

    with pytest.raises(CheckDefect, match="the referee ended; what it wrote is above"):
        played(play)


def test_a_warm_process_that_does_not_start_ends_the_run(played):
    with pytest.raises(SandboxUnavailable, match="the warm process that sandboxes are forked from did not start"):
        played(lambda module, own: own.shutdown(socket.SHUT_RDWR))


def test_a_warm_process_that_says_nothing_is_not_waited_for_for_ever(played, monkeypatch):
    monkeypatch.setattr(grader_local, "START_SECONDS", 0.05)
    with pytest.raises(SandboxUnavailable, match="did not start"):
        played(lambda module, own: None)


def ends_once_it_is_warm(module: str, own: socket.socket) -> None:
    if module == "zygote":
        own.send(ZYGOTE_READY)
    else:
        send(own, messages.encode(Ready()))
        own.shutdown(socket.SHUT_WR)


def test_a_referee_that_ends_in_a_run_leaves_its_jobs_unfinished(played):
    assert played(ends_once_it_is_warm) == [Verdict("right", Status.UNFINISHED, reason="the warm referee ended")]


def test_pairs_that_end_one_after_the_other_end_the_run(played):
    with pytest.raises(GraderError, match="the warm referee ended") as caught:
        played(ends_once_it_is_warm, *(f"right {number}" for number in range(grader_local.REPLACED)))
    assert caught.value.step == grader_local.ENDED_STEP


def test_a_verdict_between_makes_the_count_of_ended_pairs_begin_again(played):
    ends = iter([True, True, False, True, True, True])

    def play(module: str, own: socket.socket) -> None:
        if module == "zygote":
            own.send(ZYGOTE_READY)
            return
        send(own, messages.encode(Ready()))
        if not next(ends):
            send(own, messages.encode(Judged(Verdict("2", Status.GRADED))))
        own.shutdown(socket.SHUT_WR)

    verdicts = played(play, "1", "2", "3", "4", "5")
    assert [verdict.status is Status.GRADED for verdict in verdicts] == [False, False, True, False, False, False]


def test_verdicts_are_passed_on(played):
    wanted = Verdict("right", Status.UNFINISHED, reason="as played")

    def play(module: str, own: socket.socket) -> None:
        own.send(ZYGOTE_READY) if module == "zygote" else send(own, messages.encode(Ready()))
        if module == "server":
            send(own, messages.encode(Judged(wanted)))

    assert played(play) == [wanted]


# ---- the interpreter ---------------------------------------------------------------------------------------------


def test_an_ordinary_users_warm_process_is_executed_from_a_sealed_copy(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with ExitStack() as stack:
        copy = grader_local._interpreter(stack)
        assert copy is not None
        assert str(Path(copy).readlink()).startswith("/memfd:python")
        with Path(copy).open("rb") as file, pytest.raises(OSError, match="not permitted") as refused:
            fcntl.fcntl(file, grader_local.ADD_SEALS, 0)
        assert refused.value.errno == errno.EPERM
        with pytest.raises(OSError, match="not permitted"), Path(copy).open("r+b") as file:
            os.write(file.fileno(), b"x")
        said = subprocess.run(
            [sys.executable, "-I", "-c", "import sys, torch.version; print(sys.prefix)"],
            executable=copy, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert said.stdout.strip() == sys.prefix


def test_roots_is_executed_from_its_file_which_no_student_owns(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with ExitStack() as stack:
        assert grader_local._interpreter(stack) is None
