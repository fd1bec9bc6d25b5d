"""What a launch of several ranks costs in a sandbox, beside a call that is answered by one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

from msgspec import Struct
from rich.console import Console
from rich.table import Table

import grader_bwrap
import grader_local
from grader.model import MB, Limits
from grader.referee.entry import Entry
from grader.referee.memory import in_use, processes
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Load, Ranks, Value
from grader.wire.values import pack

SOURCE = """
import torch
from torch.nn.parallel import DistributedDataParallel

def nothing(): pass
def step():
    model = DistributedDataParallel(torch.nn.Linear(3, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
"""
TARGET = 0.5  # seconds for two ranks that do a step of DDP
LOOK_EVERY = 0.005
ROOM = 4096 * MB  # eight ranks take more than an assignment has unless it asks for more


class Kind(Struct, frozen=True):
    """One thing that is asked of the sandbox."""

    name: str
    target: str
    nprocs: int = 0  # a plain call


class Cost(Struct, frozen=True):
    """What it took once. `counted` is what a limit of memory is compared with; `threads` are those of all processes."""

    seconds: float
    cpu_seconds: float
    counted: int
    threads: int
    descriptors: int  # of the process with most


KINDS = (
    Kind("a call", "nothing"),
    Kind("2 ranks, a group", "nothing", 2),
    Kind("2 ranks, a step of DDP", "step", 2),
    Kind("4 ranks, a step of DDP", "step", 4),
    Kind("8 ranks, a step of DDP", "step", 8),
)


def measure(rounds: int, kinds: Sequence[Kind] = KINDS) -> dict[str, list[Cost]]:
    """Ask for each kind once a round, in turns; the first round is not kept."""
    costs: dict[str, list[Cost]] = {kind.name: [] for kind in kinds}
    with ExitStack() as stack:
        student = started(stack)
        for number in range(rounds + 1):
            for kind in kinds:
                cost = asked(student, kind)
                if number:
                    costs[kind.name].append(cost)
    return costs


def started(stack: ExitStack) -> Sandboxed:
    """Return a loaded student in a sandbox."""
    orders = grader_local.start_zygote(stack)
    grader_local.wait_until_warm(orders)
    limits = Limits(memory=ROOM)
    load = Load({"step.py": SOURCE.encode()}, "step.py", "step", b"")
    student = Sandboxed(lambda: Entry(orders, limits, grader_bwrap.hold(limits)), load, limits)
    stack.callback(student.close)
    student.load()
    return student


def asked(student: Sandboxed, kind: Kind) -> Cost:
    """Ask once."""
    call = Call(kind.target, False, pack([[], {}]), ranks=Ranks(kind.nprocs) if kind.nprocs else None)
    assert student.entry is not None
    with watched(student.entry) as seen:
        before = time.monotonic()
        reply = student.ask(call, 30.0)
        seconds = time.monotonic() - before
    assert isinstance(reply, Value), reply
    memory, threads, descriptors = (max((look[at] for look in seen), default=0) for at in range(3))
    return Cost(seconds, student.used.cpu_seconds, memory, threads, descriptors)


@contextmanager
def watched(entry: Entry) -> Iterator[list[tuple[int, int, int]]]:
    """Look at a sandbox all the while: memory, threads and descriptors."""
    seen: list[tuple[int, int, int]] = []
    over = threading.Event()

    def looks() -> None:
        while not over.wait(LOOK_EVERY):
            pids = processes(entry.roots)
            counted = in_use(entry.roots, entry.folders, entry.about.anonymous)
            seen.append((counted, _entries(pids, "task")[0], _entries(pids, "fd")[1]))

    thread = threading.Thread(target=looks)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _entries(pids: set[int], folder: str) -> tuple[int, int]:
    """Return how many entries a folder of all these processes in /proc has, and of the one with most."""
    found = [0]
    for pid in pids:
        with suppress(OSError):
            found.append(len([*Path(f"/proc/{pid}/{folder}").iterdir()]))
    return sum(found), max(found)


def show(console: Console, costs: dict[str, list[Cost]]) -> None:
    """Print the table and the target."""
    table = Table("", "seconds", "times a call", "CPU seconds", "memory counted, MB", "threads", "descriptors")
    bare = median(cost.seconds for cost in next(iter(costs.values())))
    for name, found in costs.items():
        seconds = median(cost.seconds for cost in found)
        figures = (f"{seconds:.3f}", f"{seconds / bare:.1f}", f"{median(cost.cpu_seconds for cost in found):.3f}")
        most = (max(cost.counted for cost in found) / MB, max(cost.threads for cost in found))
        table.add_row(name, *figures, f"{most[0]:.0f}", str(most[1]), str(max(cost.descriptors for cost in found)))
    console.print(table)
    reached = median(cost.seconds for cost in costs["2 ranks, a step of DDP"])
    console.print(f"two ranks do a step of DDP in {reached:.2f} s; the target is {TARGET:g} s")
