"""Whether a GPU works, found out by using it from inside a sandbox, by the very way in which student code does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from grader.errors import GraderError
from grader.model import Limits
from grader.referee.entry import Entry
from grader.referee.faults import StudentFault, from_reply
from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Fresh, Load, Value
from grader.work import Device

SECONDS = 120.0  # for the start of torch and of CUDA, on a machine that may be busy
SIDE = 64  # of matrices whose product is exact in any precision
PROGRAM = b"""
import torch

def works(side, names):
    '''For each device the sum of a product of matrices of ones, and how many bytes are free on it.'''
    found = []
    for name in names:
        ones = torch.ones(side, side, device=name)
        free = torch.cuda.mem_get_info(name)[0] if ones.is_cuda else 0
        found.append([(ones @ ones).sum().item(), free])
    return found
"""

Enter = Callable[[Limits, Sequence[Device]], Entry]


class Health(Struct, frozen=True):
    """What was found of some GPUs: what is wrong, and the bytes that were free on each."""

    problem: str = ""
    free: tuple[int, ...] = ()


def fresh(devices: Sequence[Device], *, tf32: bool = False, seed: int = 0) -> Fresh:
    """Say how a process is made ready that sees these GPUs, and no others."""
    if any(device.kind == "cpu" for device in devices):
        return Fresh(("cpu",) * len(devices), "", tf32, seed)
    names = tuple(f"cuda:{number}" for number in range(len(devices)))
    return Fresh(names, ",".join(device.uuid for device in devices), tf32, seed)


def examine(enter: Enter, devices: Sequence[Device], limits: Limits) -> Health:
    """Use these GPUs for a moment. Nothing of a submission is there, so nobody can forge what is found."""
    ready = fresh(devices)
    load = Load({"works.py": PROGRAM}, "works.py", "works", b"", ready)
    call = Call("works", False, msgspec.msgpack.encode([[SIDE, ready.devices], {}]))  # plain data: no torch is needed
    student = Sandboxed(lambda: enter(limits, devices), load, limits)
    try:
        student.load()
        reply = student.ask(call, SECONDS)
        if not isinstance(reply, Value):
            return Health(from_reply(reply, "a little program of ours").message)
        return _read(msgspec.msgpack.decode(reply.data, type=list[tuple[float, int]]), devices)
    except msgspec.DecodeError:
        return Health("it answers with something else than numbers")
    except StudentFault as fault:
        return Health(fault.message)
    except GraderError as error:
        return Health(error.problem)
    finally:
        student.close()


def _read(found: list[tuple[float, int]], devices: Sequence[Device]) -> Health:
    """Take in what the program says of each device."""
    if [total for total, _ in found] != [SIDE**3] * len(devices):
        return Health("it computes a wrong sum")
    return Health(free=tuple(free for _, free in found))
