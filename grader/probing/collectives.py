"""What ranks say to each other: every collective that torch launches, as its dispatcher sees it, in order.

By whatever name it was called, from a hook in backward as well, and from the C++ reducer of torch's own
DistributedDataParallel. A collective that a thread of the student's own launches is not seen. All of it is
counted beside student code, which could forge it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import torch
import torch.distributed as dist
from torch.utils._python_dispatch import TorchDispatchMode

from grader.probing.meter import tensors

Event = dict[str, Any]

NAMESPACES = ("c10d", "_c10d_functional")
NOTHING_SENT = ("check_for_nan", "wait_tensor", "_wrap_tensor_autograd")
WITHOUT_DATA = ("barrier", "monitored_barrier_")  # they take a tensor all the same
GIVEN = ("tensors", "tensor", "input_tensors", "input_tensor", "input_list", "inputs", "input")
TAKEN = ("output_tensors", "output_tensor", "output_lists", "outputs", "output")
PEERS = ("dst", "src", "root_rank")


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees each collective of this thread as it is launched, before and after."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        names = _arguments(func)
        if names is None:
            return func(*args, **kwargs)
        event = _event(func, dict(zip(names, args, strict=False)) | kwargs)
        self.launching(event)
        result = func(*args, **kwargs)
        boxed = result[-1] if isinstance(result, tuple | list) else result
        if not isinstance(boxed, torch.ScriptObject):
            return result
        work = dist.Work.unbox(boxed)
        other = self.launched(event, work)
        if other is work:
            return result
        return other.boxed() if boxed is result else (*result[:-1], other.boxed())

    def launching(self, event: Event) -> None:
        """A collective is about to be launched."""

    def launched(self, event: Event, work: Any) -> Any:
        """A collective has been launched, and has perhaps not completed. Returns the Work that the caller gets."""
        del event
        return work


class Log(Watch):
    """The collectives of a block, and the marks between them. `events` is plain data, as a probe can return it.

    Of each collective: `op`, the dispatcher's name (`allreduce_`, `send`, …); `numel`, `bytes` and `dtype` of what this
    rank puts in, or of what it receives where it puts in nothing; `async`, whether the caller goes on without it, None
    for point-to-point operations, which do not say; `peer`, the group's rank at the other end of a send or receive, or
    the root of a broadcast and its like, else None.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.events: list[Event] = []
        self._hooks: list[Any] = []

    def launching(self, event: Event) -> None:
        """Take it down."""
        self.events.append(event)

    def mark(self, text: str) -> None:
        """Note that something else happens now, between collectives."""
        self.events.append(
            {"op": "mark", "numel": 0, "bytes": 0, "dtype": "", "async": None, "peer": None, "mark": text}
        )

    def marks_grads(self, module: torch.nn.Module) -> None:
        """Mark "grad of NAME" when a parameter's gradient is there, before any hook that would launch it."""
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                self._hooks.append(_first_hook(parameter, partial(self._mark_grad, name)))

    def _mark_grad(self, name: str, _: torch.Tensor) -> None:
        self.mark(f"grad of {name}")

    def close(self) -> None:
        """Mark no more gradients."""
        while self._hooks:
            self._hooks.pop().remove()


@contextmanager
def recorded() -> Iterator[Log]:
    """Take down what this rank launches in the block, in this thread and in backward."""
    log = Log()
    try:
        with log:
            yield log
    finally:
        log.close()


def collectives(events: Sequence[Event]) -> list[Event]:
    """Return the events that are no marks."""
    return [event for event in events if event["op"] != "mark"]


def before_last_mark(events: Sequence[Event]) -> list[Event]:
    """Return the collectives that were launched before the last mark: with marked gradients, those that can overlap."""
    last = max((number for number, event in enumerate(events) if event["op"] == "mark"), default=0)
    return collectives(events[:last])


# ---- what the dispatcher says -----------------------------------------------------------------------------------


@cache
def _arguments(func: Any) -> tuple[str, ...] | None:
    """Return the names of a collective's arguments, and None for every other operation."""
    namespace, _, name = func.name().partition("::")
    if namespace not in NAMESPACES or name.partition(".")[0] in NOTHING_SENT:
        return None
    return tuple(argument.name for argument in func._schema.arguments)


def _event(func: Any, given: dict[str, Any]) -> Event:
    op = func._schema.name.partition("::")[2]
    data = [] if op in WITHOUT_DATA else _data(given, GIVEN) or _data(given, TAKEN)
    return {
        "op": op,
        "numel": sum(tensor.numel() for tensor in data),
        "bytes": sum(tensor.numel() * tensor.element_size() for tensor in data),
        "dtype": str(data[0].dtype).removeprefix("torch.") if data else "",
        "async": _is_async(func, given),
        "peer": next((given[name] for name in PEERS if name in given), None),
        "mark": None,
    }


def _data(given: dict[str, Any], names: Sequence[str]) -> list[torch.Tensor]:
    return list(tensors([given[name] for name in names if name in given]))


def _is_async(func: Any, given: dict[str, Any]) -> bool | None:
    if "async_op" in given:
        return bool(given["async_op"])
    functional = func.namespace == NAMESPACES[1]
    return True if functional or "async_op" in (_arguments(func) or ()) else None  # the schema's default


def _first_hook(tensor: torch.Tensor, function: Callable[[torch.Tensor], None]) -> Any:
    """Register a hook that runs before the tensor's other ones. They run in the order in which they were put in."""
    handle = tensor.register_hook(function)  # type: ignore[no-untyped-call]
    hooks: Any = tensor._backward_hooks
    for other in [number for number in hooks if number != handle.id]:
        hooks[other] = hooks.pop(other)
    return handle
