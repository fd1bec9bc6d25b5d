"""A submission's own file as a script under the real torchrun. Each run takes seconds, so there are few."""

from __future__ import annotations

import io
import os
import re
import signal
import tempfile
import time
import types
from importlib import util
from pathlib import Path

import msgspec
import pytest
import torch

import grader.intake.inside.cells
from grader.model import MB, Limits
from grader.ranks import cause, rendezvous
from grader.ranks.script import PID, STACK, TOLD, Told, announce, noting
from grader.ranks.torchrun import Run
from grader.ranks.worker import Worker
from grader.referee.faults import from_reply
from grader.referee.trusted import Trusted
from grader.wire.protocol import Call, Forbade, Halted, Load, Place, Raised, Ranks, Reply, Script, Value
from grader.wire.values import pack, unpack

pytest_plugins = ["tests.referee.warm"]

ROOT = Path(__file__).parents[2]
SECONDS = 100.0
HELD = ("memory", "cpu_seconds", "processes", "open_files", "disk", "output")  # what the sandbox holds a run to
PROBES = """
import os

def left(student, run, name):
    return {**run, "there": sorted(os.listdir(run["folder"])), "name": name, "imported_as": student.__name__}
"""
SCRIPT = """
import os, sys, time
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

def main(how, path):
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    model = DistributedDataParallel(torch.nn.Linear(3, 3))
    for _ in range(2):
        model(torch.ones(2, 3)).sum().backward()
    if how == "raises" and rank == 1:
        raise KeyError("of rank 1")
    if how == "hangs" and rank == 1:
        time.sleep(1000)
    if how == "forbidden":
        torch.softmax(torch.ones(3), 0)
    if rank == 0:
        torch.save(model.module.state_dict(), path)
    dist.barrier()
    print("rank", rank, "of", os.environ["WORLD_SIZE"], sys.argv[1:], open("config.json").read(), flush=True)
    dist.destroy_process_group()
    if how == "fails at the end" and rank == 1:
        while not os.path.exists("../rank0"):  # until the other has told its end: torchrun would cut it short
            time.sleep(0.01)
        raise ValueError

if __name__ == "__main__" and len(sys.argv) > 1:
    main(*sys.argv[1:])
"""


def run(how: str, *, nprocs: int = 2, seconds: float = SECONDS, may_fail: bool = False, **options) -> Call:
    """The call that runs the script."""
    script = Script(nprocs, (how, "ckpt.pt"), {"config.json": b"{}"}, may_fail)
    return Call("left", True, pack([[], {"name": "given"}]), script=script, **options)


def line_of(text: str) -> str:
    """Where the script's line is that begins so."""
    lines = SCRIPT.splitlines()
    return f"tiny.py, line {next(n for n, line in enumerate(lines, 1) if line.strip().startswith(text))}"


def trusted(folder: Path) -> Trusted:
    """The script as a reference."""
    path = folder / "tiny.py"
    path.write_text(SCRIPT)
    spec = util.spec_from_file_location("tiny", path)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    probes = types.ModuleType("probes")
    exec(PROBES, vars(probes))
    return Trusted([module], probes, str(folder))


def value(reply: Reply):
    assert isinstance(reply, Value), reply
    return unpack(reply.data)


# ---- real runs -------------------------------------------------------------------------------------------------


def test_a_reference_is_run_in_a_folder_of_its_own_and_the_probe_sees_what_it_left(tmp_path):
    seen = value(trusted(tmp_path).ask(run("fails at the end", may_fail=True), SECONDS))
    assert (seen["name"], seen["imported_as"], seen["there"]) == ("given", "tiny", ["ckpt.pt", "config.json"])
    assert not Path(seen["folder"]).exists()
    assert seen["saves"] == [{"rank": 0, "path": "ckpt.pt"}]
    assert seen["collectives"][0] == seen["collectives"][1]
    assert (seen["collectives"][0]["allreduce_"], seen["collectives"][0]["barrier"]) == (2, 1)
    for rank in (0, 1):
        assert f"rank {rank} of 2 ['fails at the end', 'ckpt.pt'] {{}}\n" in seen["output"]
    assert seen["status"] == 1
    assert seen["error"]["rank"] == 1
    assert (seen["error"]["types"][0], seen["error"]["where"]) == ("ValueError", line_of("raise ValueError"))


def test_in_a_sandbox_the_default_limits_of_an_assignment_are_enough(submit):
    student = submit(SCRIPT, probes=PROBES, **{name: getattr(Limits(), name) for name in HELD})
    student.load()
    seen = value(student.ask(run("well"), SECONDS))
    assert (seen["status"], seen["error"], seen["saves"]) == (0, None, [{"rank": 0, "path": "ckpt.pt"}])
    assert set(seen["collectives"]) == {0, 1}
    assert not student.entry.strays()
    assert "hostname" not in seen["output"]
    assert student.used.cpu_seconds > 1  # what torchrun's workers used is counted


def test_the_first_rank_that_fails_is_the_cause_and_what_was_printed_is_kept(submit):
    student = submit(SCRIPT, probes=PROBES, memory=1024 * MB)
    student.load()
    reply = student.ask(run("raises"), SECONDS)
    assert isinstance(reply, Halted)
    assert (reply.how, reply.place) == ("raised", Place(1, "raised", where=line_of("raise KeyError")))
    assert reply.types[0] == "KeyError"
    assert "KeyError: 'of rank 1'" in reply.output
    assert from_reply(reply, "left()").message == f"rank 1: KeyError at {line_of('raise KeyError')}"


def test_at_the_deadline_all_of_it_is_killed(submit):
    student = submit(SCRIPT, probes=PROBES, memory=1024 * MB)
    student.load()
    reply = student.ask(run("hangs"), 20.0)
    assert isinstance(reply, Halted)
    assert (reply.how, {place.rank for place in (reply.place, *reply.others)}) == ("stuck", {0, 1})
    assert student.entry is not None  # nothing of it was left, or the sandbox would have been ended
    assert not student.entry.strays()


def test_what_the_part_forbids_is_forbidden_in_the_script(submit):
    student = submit(SCRIPT, probes=PROBES, memory=1024 * MB)
    student.load()
    reply = student.ask(run("forbidden", forbidden=("torch.softmax",)), SECONDS)
    assert isinstance(reply, Forbade)
    assert (reply.name, reply.where) == ("torch.softmax", line_of("torch.softmax"))


def test_a_notebook_is_a_script_too_and_its_last_cell_can_end_it(submit):
    cells = f"from __grader_cells__ import run\n__grader_notes__ = run([(1, '1 / 0'), (2, {SCRIPT!r})], globals())\n"
    inside = Path(grader.intake.inside.cells.__file__).read_bytes()
    student = submit("", memory=1024 * MB)
    student.request = Load(
        {"tiny.py": cells.encode(), "__grader_cells__.py": inside}, "tiny.py", "tiny", PROBES.encode()
    )
    student.load()
    reply = student.ask(run("raises"), SECONDS)
    assert isinstance(reply, Halted)
    assert (reply.how, reply.types[0]) == ("raised", "KeyError")
    assert reply.place.where == line_of("raise KeyError").replace("tiny.py", "cell 2")


# ---- which rank is to blame, without a run ---------------------------------------------------------------------


def told(place: Path, rank: int, *, at: float = 1.0, raises: Raised | None = None, status: int = 0) -> Worker:
    """A worker that has told how it ended."""
    ended = Told(at, raises, 1 if raises else status, (), {})
    (place / TOLD.format(rank)).write_bytes(msgspec.msgpack.encode(ended))
    return Worker(place, rank, None)


LOST = Raised(("RuntimeError", "Exception"), "tiny.py, line 3", "Connection closed by peer")
OWN = Raised(("ValueError", "Exception"), "tiny.py, line 9")


def test_who_lost_the_connection_is_not_to_blame(tmp_path):
    workers = [told(tmp_path, 0, at=1.0, raises=LOST), told(tmp_path, 1, at=2.0, raises=OWN)]
    assert cause.first(workers).rank == 1


def test_who_ended_without_a_word_is_to_blame_where_the_others_lost_the_connection(tmp_path):
    workers = [told(tmp_path, 0, at=1.0, raises=LOST), Worker(tmp_path, 1, (7 << 8, 2.0))]
    first = cause.first(workers)
    assert cause.halted(first, workers) == Halted(
        "ended", Place(1, "ended"), (Place(0, "raised", where="tiny.py, line 3"),), status=7 << 8
    )
    assert first.described() == {"rank": 1, "status": 7, "types": [], "where": "", "message": ""}


def test_who_was_ended_by_torchrun_is_not_to_blame(tmp_path):
    workers = [Worker(tmp_path, 0, None), told(tmp_path, 1, status=5)]
    assert (cause.first(workers).rank, cause.first(workers).status) == (1, 5 << 8)


def test_who_ended_well_is_not_to_blame(tmp_path):
    assert cause.first([told(tmp_path, 0), told(tmp_path, 1)]) is None


@pytest.mark.parametrize("forged", [b"", b"\xc1", b"\x80", msgspec.msgpack.encode([1, 2, 3])])
def test_what_is_no_word_of_a_worker_is_passed_over(tmp_path, forged):
    (tmp_path / TOLD.format(0)).write_bytes(forged)
    (tmp_path / PID.format(0)).write_bytes(forged)
    worker = Worker(tmp_path, 0, (signal.SIGKILL, 1.0))
    worker.ask()
    assert (worker.told, worker.status) == (None, signal.SIGKILL)


@pytest.mark.parametrize(
    ("opened", "path"),
    [
        (lambda folder: str(folder / "a" / "ckpt.pt"), "a/ckpt.pt"),
        (lambda folder: folder / "ckpt.pt", "ckpt.pt"),
        (lambda folder: types.SimpleNamespace(name=f"{folder}/ckpt.pt"), "ckpt.pt"),
        (lambda folder: types.SimpleNamespace(name=3), ""),
        (lambda folder: io.BytesIO(), ""),
    ],
)
def test_where_a_checkpoint_goes_is_seen_from_the_folder(tmp_path, opened, path):
    saves = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.setattr(torch, "save", lambda obj, f: None)
        with noting(saves):
            torch.save({}, opened(tmp_path))
    assert saves == [path]


def asleep(folder: Path) -> int:
    """A process that does what a worker does first, and then sleeps in a file of the student's. Returns its number."""
    path = folder / "tiny.py"
    code = compile("def sleep(done):\n    done()\n    time.sleep(1000)\n", str(path), "exec")
    own = {"time": time}
    exec(code, own)
    pid = os.fork()
    if pid == 0:
        try:
            os.environ["RANK"] = "0"
            announce(folder)
            own["sleep"]((folder / "sleeps").touch)
        finally:
            os._exit(1)
    return pid


def test_a_rank_is_asked_where_it_is(tmp_path):
    pid = asleep(tmp_path)
    try:
        while not (tmp_path / "sleeps").exists():
            assert os.waitpid(pid, os.WNOHANG) == (0, 0)
        worker = Worker(tmp_path, 0, None)
        worker.ask()
        while "tiny.py" not in (tmp_path / STACK.format(0)).read_text():
            assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    place = worker.where(str(tmp_path))
    assert (place.rank, place.state) == (0, "works")
    assert place.where in ("tiny.py, line 2", "tiny.py, line 3")


def test_a_rank_that_has_not_begun_works_somewhere(tmp_path):
    worker = Worker(tmp_path, 1, None)
    worker.ask()
    assert worker.where(str(tmp_path)) == Place(1, "works")


# ---- what an author writes -------------------------------------------------------------------------------------


def test_no_assignment_runs_torchrun_twice():
    runs = {
        solution.name: sum(
            len(re.findall(r"\.torchrun\(", file.read_text(encoding="utf-8")))
            for file in solution.glob("test_hidden*.py")
        )
        for solution in (ROOT / "solutions").iterdir()
    }
    assert all(count <= 1 for count in runs.values()), runs


@pytest.mark.parametrize(("status", "said"), [(-signal.SIGKILL, "SIGKILL"), (3, "exit status 3")])
def test_a_torchrun_that_ended_before_any_rank_told_is_said_to_have_ended_as_it_did(tmp_path, status, said):
    run = Run(Script(nprocs=2, seconds=SECONDS), tmp_path, str(tmp_path))
    run.status = status
    assert from_reply(run.fault(), "a script").message == f"rank 0 ended the process ({said})"


def test_a_store_that_cannot_be_opened_leaves_no_folder_behind(tmp_path, monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise OSError("no sockets")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(rendezvous.dist, "TCPStore", refused)
    with pytest.raises(OSError, match="no sockets"):
        rendezvous.Rendezvous(Ranks(nprocs=2, seconds=9, init_process_group=False))
    assert list(tmp_path.iterdir()) == []
