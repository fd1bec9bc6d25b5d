"""A call on a GPU is answered by a process that was executed for it, here with the CPU in the GPU's place."""

from __future__ import annotations

import io
import resource
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import torch

import grader
import grader_bwrap
from grader.candidate.fresh import arrived, home
from grader.model import Outcome
from grader.referee.entry import Entry
from grader.referee.faults import StudentFault
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Forbade, Fresh, Load, Missing, Raised
from grader.wire.sources import sources
from grader.wire.values import pack
from tests.referee import warm
from tests.referee.warm import LIMITS

pytest_plugins = ["tests.referee.warm"]

READY = Fresh(("cpu",), "", tf32=False, seed=7)
MODULE = """
import os, random, sys
import numpy, torch

torch.set_num_threads(2)
torch.manual_seed(0)
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
calls = 0

def state():
    global calls
    calls += 1
    return {"pid": os.getpid(), "calls": calls, "argv": sys.orig_argv[1:3], "threads": torch.get_num_threads()}

def precision():
    return [torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32]

def drawn():
    return [torch.rand(1).item(), random.random(), numpy.random.rand()]

def environment():
    return dict(os.environ)

def limits():
    import resource
    return [resource.getrlimit(what) for what in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_NPROC)]

def confined():
    said = open("/proc/self/status").read()
    fields = dict(line.split(":\\t") for line in said.splitlines())
    return [fields[name] for name in ("CapEff", "NoNewPrivs", "Seccomp", "Uid")]

def descriptors():
    return sorted(int(name) for name in os.listdir("/proc/self/fd"))

def ours(file):
    os.closerange(4, 100)
    from grader.ranks import launch
    return [launch.__spec__.origin, os.path.exists(file)]

def fails():
    raise RuntimeError("no")

def ends():
    os._exit(3)

def adds():
    return torch.add(torch.ones(1), 1)

def loops():
    while True: pass
"""

PATIENCE = 60.0  # of a busy machine: torch is imported for each call


def answer(student: Sandboxed, target: str, *args: object, is_probe: bool = False) -> Any:
    return warm.answer(student, target, *args, seconds=PATIENCE, is_probe=is_probe)


RAISES = MODULE.splitlines().index('    raise RuntimeError("no")') + 1


@pytest.fixture
def submitted(zygote: socket.socket) -> Iterator[Callable[..., Sandboxed]]:
    """Make a student whose calls are answered by fresh processes."""
    with ExitStack() as stack:

        def make(source: str = MODULE, *, probes: str = "", ready: Fresh = READY, confined: bool = True) -> Sandboxed:
            def enter() -> Entry:
                return Entry(zygote, LIMITS, grader_bwrap.hold(LIMITS) if confined else None, devices=True)

            load = Load({"tiny.py": source.encode()}, "tiny.py", "tiny", probes.encode(), ready)
            student = Sandboxed(enter, load, LIMITS)
            stack.callback(student.close)
            student.load()
            return student

        yield make


@pytest.mark.parametrize("confined", [True, False], ids=["in a sandbox", "without walls"])
def test_each_call_has_an_interpreter_of_its_own(submitted, confined):
    student = submitted(confined=confined)
    first, second = answer(student, "state"), answer(student, "state")
    assert first["pid"] != second["pid"]
    assert first["calls"] == second["calls"] == 1
    assert first["argv"] == ["-I", "-c"]
    assert first["threads"] == 1


def test_a_call_begins_alike_whatever_the_module_set(submitted):
    student = submitted()
    assert answer(student, "precision") == [False, False]
    drawn = answer(student, "drawn")
    assert drawn == answer(student, "drawn")
    assert drawn != answer(submitted(ready=Fresh(("cpu",), "", tf32=False, seed=8)), "drawn")
    assert answer(submitted(ready=Fresh(("cpu",), "", tf32=True, seed=7)), "precision") == [True, True]


def test_it_sees_the_gpus_that_were_leased_and_little_else(submitted):
    seen = answer(submitted(ready=Fresh(("cpu",), "GPU-a,GPU-b", tf32=False, seed=7)), "environment")
    assert seen["CUDA_VISIBLE_DEVICES"] == "GPU-a,GPU-b"
    assert not {"GRADER_SECRET_FILE", "LD_PRELOAD", "PYTHONPATH"} & seen.keys()


def test_the_walls_outlive_the_exec(submitted):
    student = submitted()
    addresses, data, processes = answer(student, "limits")
    assert tuple(addresses) == (resource.RLIM_INFINITY,) * 2  # CUDA reserves more than any limit would leave
    assert data[0] == data[1] != resource.RLIM_INFINITY
    assert tuple(processes) == (LIMITS.processes,) * 2
    capabilities, no_new, filtered, users = answer(student, "confined")
    assert (capabilities, no_new, filtered) == ("0" * 16, "1", "2")
    assert users.split() == ["1000"] * 4


def test_it_holds_no_descriptor_but_its_own(submitted):
    held = answer(submitted(), "descriptors")
    assert held[:4] == [0, 1, 2, 3]
    assert len(held) <= 5  # and that of the folder that is listed


def test_our_own_sources_come_from_memory(submitted):
    assert answer(submitted(), "ours", grader.__file__) == ["grader/ranks/launch.py", False]


def test_only_one_side_of_the_boundary_is_packed():
    names = zipfile.ZipFile(io.BytesIO(sources())).namelist()
    packages = {name.split("/")[1] for name in names if name.count("/") > 1}
    assert {"candidate", "wire"} <= packages <= {"candidate", "wire", "probing", "ranks"}


def test_probes_run_and_what_goes_wrong_is_told_as_ever(submitted):
    student = submitted(probes="def doubled(student, x):\n    return 2 * x\n")
    assert answer(student, "doubled", torch.ones(2), is_probe=True).tolist() == [2.0, 2.0]
    empty = pack([[], {}])
    assert student.ask(Call("nothing", False, empty), PATIENCE) == Missing("nothing")
    raised = student.ask(Call("fails", False, empty), PATIENCE)
    assert isinstance(raised, Raised)
    assert (raised.types[0], raised.where) == ("RuntimeError", f"tiny.py, line {RAISES}")
    forbidden = student.ask(Call("adds", False, empty, forbidden=("torch.add",)), PATIENCE)
    assert isinstance(forbidden, Forbade)
    with pytest.raises(StudentFault, match=r"exit status 3") as fault:
        student.ask(Call("ends", False, empty), PATIENCE)
    assert fault.value.outcome is Outcome.CRASHED
    with pytest.raises(StudentFault) as fault:
        student.ask(Call("loops", False, empty), 6)
    assert fault.value.outcome is Outcome.TIMEOUT


def test_a_module_that_cannot_be_imported_there_says_so_in_each_call(submitted):
    student = submitted("import torch\nraise RuntimeError('no GPU')\n")
    reply = student.ask(Call("anything", False, pack([[], {}])), PATIENCE)
    assert isinstance(reply, Raised)
    assert reply.where == "tiny.py, line 2"


def test_what_is_sent_arrives_on_the_device():
    meta = torch.device("meta")
    sent = [[torch.ones(2), {"a": (torch.zeros(1, dtype=torch.bfloat16), 3)}], {"device": torch.device("cpu")}]
    (first, second), named = arrived(sent, meta)
    assert first.device.type == "meta"
    assert (second["a"][0].device.type, second["a"][0].dtype, second["a"][1]) == ("meta", torch.bfloat16, 3)
    assert named == {"device": meta}


def test_each_rank_has_a_gpu_of_its_own_as_far_as_they_go(monkeypatch):
    two = Fresh(("cuda:0", "cuda:1"), "GPU-a,GPU-b", tf32=False, seed=0)
    homes = []
    for rank in ("0", "1", "2"):
        monkeypatch.setenv("LOCAL_RANK", rank)
        homes.append(str(home(two)))
    monkeypatch.delenv("LOCAL_RANK")
    assert [*homes, str(home(two))] == ["cuda:0", "cuda:1", "cuda:0", "cuda:0"]
