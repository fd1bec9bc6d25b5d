"""A submission on a GPU, here the CPU: leased for one check, looked at when something went wrong, and given back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import ClassVar, cast

import pytest
import torch

import grader_bwrap
from grader.errors import DeviceFault, SandboxUnavailable
from grader.hardware import HOST_MEMORY, PRETENDED_DEVICES
from grader.model import Limits, Outcome, Part, Status
from grader.referee import gpus
from grader.referee.devices import Need
from grader.referee.entry import Entry
from grader.referee.faults import StudentFault
from grader.referee.gpus import OnGpu, Submitted
from grader.referee.health import Health, examine, fresh
from grader.referee.leases import Lease, Leases
from grader.referee.submission import Referee, suite_and_checks
from grader.referee.suite import Check
from grader.referee.task import Task
from grader.wire.answer import answer
from grader.wire.protocol import Call, Halted, Load, Place, Reply, Value
from grader.wire.values import pack, unpack
from grader.work import Device, Verdict
from tests.referee.tiny import copy_of_tiny, in_session
from tests.referee.warm import LIMITS

pytest_plugins = ["tests.referee.warm"]

ONE, TWO = PRETENDED_DEVICES[:2]
MODULE = """
import torch

def double(x):
    return 2 * x

def full():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
"""

Examined = list[tuple[str, ...]]
Asked = list[tuple[Limits, tuple[Device, ...]]]


class Enter:
    """Makes sandboxes; remembers the limits and GPUs of each."""

    def __init__(self, zygote: socket.socket) -> None:
        self.zygote = zygote
        self.asked: list[tuple[Limits, tuple[Device, ...]]] = []

    def __call__(self, limits: Limits, devices: Sequence[Device] = ()) -> Entry:
        self.asked.append((limits, tuple(devices)))
        holder = grader_bwrap.hold(limits, tuple(devices))
        return Entry(self.zygote, limits, holder, devices=bool(devices))


@pytest.fixture
def enter(zygote: socket.socket) -> Enter:
    return Enter(zygote)


class Quick:
    """Stands for a sandbox: it is only written down that it was entered and closed, and answers come from here."""

    entered: ClassVar[list[Quick]] = []

    def __init__(self, enter: Callable[[], object], load: Load, limits: Limits) -> None:
        self.enter = enter
        self.module = ModuleType("tiny")
        exec(load.files["tiny.py"], vars(self.module))
        self.cpu_seconds = 1.5
        self.open = False

    def load(self) -> None:
        self.enter()
        self.open = True
        self.entered.append(self)

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        return answer(call, self.module, ModuleType("probes"), root="/nowhere")

    def close(self) -> None:
        self.open = False


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The limits and GPUs of each sandbox that a check was to have."""
    monkeypatch.setattr(gpus, "Sandboxed", Quick)
    monkeypatch.setattr(Quick, "entered", [])
    return []


@pytest.fixture
def student(asked: Asked, tmp_path: Path) -> Iterator[Callable[..., OnGpu]]:
    """Make the student of one check: `student("ada", Need(...), devices)`."""
    made: list[OnGpu] = []

    def enter(limits: Limits, devices: Sequence[Device]) -> Entry:
        asked.append((limits, tuple(devices)))
        return cast(Entry, None)

    def make(name: str = "ada", need: Need | None = None, devices: Sequence[Device] = (ONE, TWO)) -> OnGpu:
        load = Load({"tiny.py": MODULE.encode()}, "tiny.py", "tiny", b"")
        submitted = Submitted(name, b"a seed", load, LIMITS, enter, Leases(devices, tmp_path, seconds=0.05))
        part = Part("fast", "Fast", 5)
        check = Check("c", "c", part, "C", 5, (), frozenset(), 10.0, None, False, need or Need())
        made.append(submitted.on_gpu(check))
        return made[-1]

    yield make
    for one in made:
        one.leave(in_doubt=False)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Examined:
    """Have every look at a GPU find it well, without looking; what was looked at."""
    looked: Examined = []
    say(monkeypatch, looked)
    return looked


def say(monkeypatch: pytest.MonkeyPatch, looked: Examined, **found: Health) -> None:
    """Have looks at GPUs find this, by their uuids with an underscore."""

    def look(_enter: object, devices: Sequence[Device], _limits: Limits) -> Health:
        looked.append(tuple(device.uuid for device in devices))
        return next((found[u] for d in devices if (u := d.uuid.replace("-", "_")) in found), Health(free=(0,)))

    monkeypatch.setattr(gpus, "examine", look)


def doubled(student: OnGpu) -> list[float]:
    reply = student.ask(Call("double", False, pack([[torch.ones(2)], {}])), 20)
    assert isinstance(reply, Value), reply
    return unpack(reply.data).tolist()


BROKEN = Health("it computes a wrong sum")


# ---- lease and sandbox ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("examined")
def test_it_is_leased_from_the_first_call_until_the_check_is_left(student, asked):
    ada, ben = student(), student("ben")
    assert doubled(ada) == [2.0, 2.0]
    assert asked[-1][1] == (ONE,)
    assert doubled(ben) == [2.0, 2.0]
    assert asked[-1][1] == (TWO,)  # and not the one that ada has
    with pytest.raises(DeviceFault, match="no GPU came free"):
        doubled(student("chloe"))
    ada.leave(in_doubt=False)
    assert doubled(student("chloe")) == [2.0, 2.0]
    assert ada.cpu_seconds == 1.5


@pytest.mark.usefixtures("examined")
def test_a_check_that_asks_nothing_leases_nothing(student):
    asks_nothing = student(devices=(ONE,))
    assert doubled(student("ben", devices=(ONE,))) == [2.0, 2.0]
    asks_nothing.leave(in_doubt=True)
    assert len(Quick.entered) == 1


@pytest.mark.usefixtures("examined")
def test_all_that_runs_on_a_gpu_is_ended_before_it_is_given_back(student, monkeypatch):
    running = []
    release = Lease.release

    def noted(lease: Lease) -> None:
        running.append([sandbox.open for sandbox in Quick.entered])
        release(lease)

    monkeypatch.setattr(Lease, "release", noted)
    ada = student()
    doubled(ada)
    assert Quick.entered[-1].open
    ada.leave(in_doubt=False)
    assert running == [[False]]


@pytest.mark.usefixtures("examined")
def test_one_that_needs_several_has_several(student, asked):
    doubled(student(need=Need(count=2)))
    assert asked[-1][1] == (ONE, TWO)


@pytest.mark.usefixtures("examined")
def test_what_cuda_itself_takes_of_the_machines_memory_is_no_part_of_a_students_limit(student):
    real = student()
    assert real._limits((ONE,)).memory == LIMITS.memory
    assert real._limits((Device("NVIDIA L4", "GPU-a", 24 << 30),)).memory == LIMITS.memory + HOST_MEMORY


# ---- whose fault ---------------------------------------------------------------------------------------------------


def test_a_gpu_is_looked_at_when_another_submission_was_there_last(student, examined):
    for name in ("ada", "ada", "ben"):
        one = student(name)
        doubled(one)
        one.leave(in_doubt=False)
    assert examined == [("pretended-0",), ("pretended-0",)]  # before ada's first check, and before ben's


def test_one_that_does_not_work_is_passed_over(student, monkeypatch, examined, asked):
    say(monkeypatch, examined, pretended_0=BROKEN)
    doubled(student())
    assert asked[-1][1] == (TWO,)


def test_where_none_works_nothing_is_said_of_the_submission(student, monkeypatch, examined):
    say(monkeypatch, examined, pretended_0=BROKEN, pretended_1=BROKEN)
    ada = student()
    with pytest.raises(DeviceFault, match="a GPU does not work: it computes a wrong sum"):
        doubled(ada)
    ada.leave(in_doubt=True)  # nothing was leased


def test_after_a_check_that_did_not_pass_the_gpu_is_looked_at(student, monkeypatch, examined):
    ada = student()
    doubled(ada)
    ada.leave(in_doubt=True)
    assert len(examined) == 2
    ada = student()
    doubled(ada)
    say(monkeypatch, examined, pretended_0=BROKEN)
    with pytest.raises(DeviceFault, match="a GPU does not work: it computes a wrong sum: a pretended GPU"):
        ada.leave(in_doubt=True)
    say(monkeypatch, examined)
    again = student()
    assert doubled(again) == [2.0, 2.0]  # it was given back
    again.leave(in_doubt=False)


def test_memory_that_runs_out_is_the_submissions_unless_somebody_else_has_it(student, monkeypatch, examined):
    card = Device("NVIDIA L4", "card-1", 24 << 30, "cpu")

    def run_out(**found: Health) -> None:
        say(monkeypatch, examined, **found)
        ada = student(devices=(card,))
        ada.ask(Call("full", False, pack([[], {}])), 20)
        ada.leave(in_doubt=True)

    run_out(card_1=Health(free=(23 << 30,)))
    with pytest.raises(DeviceFault, match="other processes hold memory of a GPU"):
        run_out(card_1=Health(free=(8 << 30,)))


@pytest.mark.usefixtures("examined")
def test_memory_that_runs_out_in_a_rank_is_seen_too(student, monkeypatch):
    halted = Halted("raised", Place(1, "raised"), types=("OutOfMemoryError", "RuntimeError"))
    monkeypatch.setattr(Quick, "ask", lambda *_: halted)
    ada = student()
    assert not ada.starved
    ada.ask(Call("double", False, pack([[torch.ones(2)], {}])), 20)
    assert ada.starved


@pytest.mark.usefixtures("examined")
def test_a_sandbox_that_does_not_get_ready_is_not_the_students_fault(student, monkeypatch):
    def ends(_quick: Quick) -> None:
        raise StudentFault(Outcome.CRASHED, "importing it ended the process (SIGKILL)")

    monkeypatch.setattr(Quick, "load", ends)
    with pytest.raises(SandboxUnavailable, match="a sandbox with a GPU did not get ready"):
        doubled(student())


# ---- health --------------------------------------------------------------------------------------------------------


def test_health_is_found_out_by_the_way_that_student_code_goes(enter):
    assert examine(enter, [ONE], LIMITS) == Health(free=(0,))
    assert enter.asked == [(LIMITS, (ONE,))]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (b"def works(side, names): raise RuntimeError('CUDA error: unspecified launch failure')", "RuntimeError"),
        (
            b"import torch\ndef works(side, names): torch.matmul(torch.ones(2, 3), torch.ones(2))",
            "RuntimeError at works.py",
        ),
        (b"def works(side, names): return [[1.0, 0]]", "it computes a wrong sum"),
        (b"import os\ndef works(side, names): os._exit(1)", "ended the process"),
        (b"def works(side, names): return 'fine'", "something else than numbers"),
        (b"raise OSError", "OSError"),
    ],
)
def test_whatever_goes_wrong_there_is_the_gpus(enter, monkeypatch, program, said):
    monkeypatch.setattr("grader.referee.health.PROGRAM", program)
    assert said in examine(enter, [ONE], LIMITS).problem


def test_each_gpu_of_a_lease_is_used(enter):
    assert examine(enter, [ONE, TWO], LIMITS) == Health(free=(0, 0))


def test_a_gpu_that_torch_does_not_see_from_inside_is_a_fault(enter):
    """A real one is asked for, and there is none: what a machine looks like whose driver has gone."""
    gone = Device("NVIDIA L4", "GPU-gone", 24 << 30, kind="cuda")
    assert "at works.py, line 8" in examine(enter, [gone], LIMITS).problem


def test_a_process_sees_the_gpus_of_its_lease_by_their_uuids():
    cards = [Device("NVIDIA L4", f"GPU-{letter}", 24 << 30) for letter in "ba"]
    ready = fresh(cards, tf32=True, seed=3)
    assert (ready.devices, ready.visible) == (("cuda:0", "cuda:1"), "GPU-b,GPU-a")
    assert (ready.tf32, ready.seed) == (True, 3)
    assert fresh([ONE, TWO]).visible == ""


# ---- a whole submission --------------------------------------------------------------------------------------------


GPU_PART = '\n[[parts]]\nid = "fast"\ntitle = "Fast"\npoints = 5\ntier = "gpu"\nnames = ["double"]\n'
GPU_CHECK = '''
import pytest, torch
import probes
from grader.checks import check

@pytest.mark.gpu
@check("fast", points=5)
def test_fast(same):
    """Fast."""
    same(probes.doubled, torch.ones(3))
'''


def verdict(
    folder: Path,
    enter: Enter,
    source: str,
    *,
    devices: Sequence[Device],
    locks: Path,
    check: str = GPU_CHECK,
    probe: str = "",
) -> Verdict:
    solution = copy_of_tiny(folder)
    (solution / "test_hidden_gpu.py").write_text(check)
    probes = solution / "probes.py"
    probes.write_text(probes.read_text() + probe)
    toml = solution.parents[1] / "assignments" / solution.name / "assignment.toml"
    toml.write_text(toml.read_text() + GPU_PART)

    def work(session: pytest.Session) -> Verdict:
        suite, checks = suite_and_checks(session.items)
        referee = Referee(suite, checks, session.items, enter, Leases(devices, locks, seconds=0.05))
        return referee.verdict(Task("key", {"tiny.py": source.encode()}, "tiny.py", b"a seed", "gpu", "en"))

    made: Verdict = in_session(solution, work)
    return made


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    (tmp_path / "locks").mkdir()
    return tmp_path / "locks"


@pytest.mark.usefixtures("examined")
def test_a_check_that_passes_has_its_points_and_the_rest_runs_as_ever(tmp_path, enter, locks):
    made = verdict(tmp_path, enter, MODULE, devices=[ONE], locks=locks)
    assert [(check.name, check.outcome, check.earned) for check in made.checks] == [("fast", Outcome.PASSED, 5.0)]
    assert [devices for _, devices in enter.asked] == [(), (ONE,)]
    assert made.checks[0].cpu_seconds > 0


def test_without_a_gpu_it_is_pending_and_no_student_code_can_change_that(tmp_path, enter, locks):
    says_so = "import pytest\ndef double(x):\n    pytest.skip('needs a GPU')\n"
    without = verdict(tmp_path / "a", enter, says_so, devices=[], locks=locks)
    assert [(c.outcome, c.message) for c in without.checks] == [
        (Outcome.PENDING, "needs a GPU, and this machine has none")
    ]
    with_one = verdict(tmp_path / "b", enter, says_so, devices=[ONE], locks=locks)
    assert with_one.checks[0].outcome not in (Outcome.PENDING, Outcome.INVALID)


def test_a_gpu_that_breaks_under_a_submission_leaves_it_unfinished(tmp_path, enter, locks, monkeypatch, examined):
    found = iter([Health(free=(0,)), BROKEN])
    monkeypatch.setattr(gpus, "examine", lambda *_: next(found))
    made = verdict(tmp_path, enter, "def double(x):\n    return x\n", devices=[ONE], locks=locks)
    assert made.status is Status.UNFINISHED
    assert made.reason.startswith("a GPU does not work: it computes a wrong sum: a pretended GPU")
    assert Leases([ONE], locks, seconds=0.05).take(Need())  # it was given back


def test_a_gpu_that_torch_cannot_use_from_inside_costs_nobody_anything(tmp_path, enter, locks):
    """A real GPU is asked for, and there is none: what a machine looks like whose driver has gone."""
    gone = Device("NVIDIA L4", "GPU-gone", 24 << 30, kind="cuda")
    made = verdict(tmp_path, enter, MODULE, devices=[gone], locks=locks)
    assert made.status is Status.UNFINISHED
    assert made.reason.startswith("a GPU does not work: AssertionError at works.py, line 8")  # not built with CUDA


def test_a_wrong_answer_on_a_gpu_that_works_is_the_students(tmp_path, enter, locks, examined):
    made = verdict(tmp_path, enter, "def double(x):\n    return x\n", devices=[ONE], locks=locks)
    assert [(check.outcome, check.earned) for check in made.checks] == [(Outcome.FAILED, 0.0)]
    assert len(examined) == 2


@pytest.mark.usefixtures("examined")
def test_the_reference_has_time_for_a_doubtful_check_on_the_cpu(tmp_path, enter, locks):
    """What a GPU does within a call's seconds can take the CPU longer: that alone makes no check invalid."""
    body = 'candidate.run(probes.slow_on_a_cpu)\n    assert candidate.call("double", torch.ones(1)).item() == 2'
    source = GPU_CHECK.replace("same(probes.doubled, torch.ones(3))", body).replace("(same)", "(candidate)")
    probe = "\ndef slow_on_a_cpu(student):\n    import time\n    time.sleep(getattr(student, 'SECONDS', 1.5))\n"
    wrong = "SECONDS = 0\ndef double(x):\n    return x\n"
    limited = source.replace("@pytest.mark.gpu", "@pytest.mark.gpu\n@pytest.mark.limits(seconds=1)")
    made = verdict(tmp_path, enter, wrong, devices=[ONE], locks=locks, check=limited, probe=probe)
    assert [(check.outcome, check.earned) for check in made.checks] == [(Outcome.FAILED, 0.0)]


def test_what_is_not_written_yet_needs_no_look_at_the_gpu(tmp_path, enter, locks, examined):
    stub = "def double(x):\n    raise NotImplementedError\n"
    made = verdict(tmp_path, enter, stub, devices=[ONE], locks=locks)
    assert [check.outcome for check in made.checks] == [Outcome.NOT_ATTEMPTED]
    assert len(examined) == 1  # before the check


def test_memory_of_the_gpu_that_runs_out_is_named_as_such(tmp_path, enter, locks, examined):
    out = "import torch\ndef double(x):\n    raise torch.OutOfMemoryError('CUDA out of memory. 17.23 GiB')\n"
    (check,) = verdict(tmp_path, enter, out, devices=[ONE], locks=locks).checks
    assert check.outcome is Outcome.MEMORY
    assert check.message == "doubled() ran out of GPU memory at tiny.py, line 3"
