"""Counts what a block of torch code costs: FLOPs, memory, what is saved for backward. Numbers, never seconds.

Twice the same code gives twice the same counts. They are made beside student code, which could forge them:
docs/budgets.md says what they see, what they do not, and which figure from outside contradicts a false one.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
import torch._dynamo  # else torch does within the first operation of a mode, and keeps that one's tensors
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode

from grader.probing.flops import FORMULAS, formula
from grader.probing.storage import Kept, Memory, Saved, tensors

__all__ = ["Meter", "metered", "tensors"]

FRESH = {"aten::lift_fresh", "aten::lift"}  # their argument was made a moment ago, from Python data
AUTOGRADS = {"aten::detach"}  # free, and made by autograd itself, more often where what it saves is counted
ATOMIC: set[Any] = set()  # operations that were found not to be made of others
IMPLICIT = torch._C.DispatchKey.CompositeImplicitAutograd


class Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What a block has cost so far. `metered()` makes one; `counts()` tells, inside the block and after it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops = 0
        self.ops: Counter[str] = Counter()
        self.memory = Memory()
        self.saved = Saved()

    def counts(self) -> dict[str, Any]:
        """Return the counts as plain data, as a probe can return them. Bytes and elements are of CPU and GPU alike."""
        return {
            "flops": self.flops,
            "peak_bytes": self.memory.peak,
            "largest_bytes": self.memory.largest,
            "largest_numel": self.memory.largest_numel,
            "saved_bytes": self.saved.peak,
            "ops": dict(sorted(self.ops.items())),
        }

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        packet, name = _named(func)
        if packet not in FORMULAS and func not in ATOMIC and packet is not func:
            if _made_of_others(func):  # in inference mode it arrives whole
                with self:
                    return func._op_dk(IMPLICIT, *args, **kwargs)
            ATOMIC.add(func)
        if name not in FRESH:
            for tensor in tensors((args, kwargs)):
                self.memory.was_there(tensor)
        out = func(*args, **kwargs)
        if name not in AUTOGRADS:
            self.ops[name] += 1
        self.flops += formula(packet, args, kwargs, out)
        for tensor in tensors(out):
            self.memory.made(tensor)
        return out


ACTIVE: list[Meter] = []  # autograd asks only the innermost hooks, so these tell all meters


@contextmanager
def metered(*, saved: bool = True) -> Iterator[Meter]:
    """Count what the block costs, above what was there before it.

    `saved=False` leaves out what is saved for backward: torch.func.grad and its like refuse to work beside the hooks
    that count it. Python's collection of cycles waits until the block has ended, so that the counts do not depend on
    when it comes.
    """
    meter = Meter()
    hooks = saved_tensors_hooks(_keep, Kept.back) if saved else nullcontext()
    collects = gc.isenabled()
    gc.disable()
    ACTIVE.append(meter)
    try:
        with hooks, meter:
            yield meter
    finally:
        ACTIVE.remove(meter)
        meter.memory.close()
        if collects:
            gc.enable()


def _keep(tensor: torch.Tensor) -> Kept:
    return Kept(tensor, [meter.saved for meter in ACTIVE])


def _made_of_others(func: Any) -> bool:
    """Whether torch composes it in C++. What it also writes in Python is one operation, as it is without a mode."""
    kernel = torch._C._dispatch_has_kernel_for_dispatch_key
    return torch._C._dispatch_has_kernel(func.name()) and kernel(func.name(), "CompositeImplicitAutograd")


def _named(func: Any) -> tuple[Any, str]:
    """Return an operation without its overload, and its name as `aten::mm`."""
    packet = getattr(func, "overloadpacket", func)
    return packet, func.name() if packet is func else func._schema.name
