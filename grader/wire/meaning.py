"""What an entry of `forbidden` means in this Python and this torch: one side guards by it, the other proofreads it."""

from __future__ import annotations

import fnmatch
import importlib
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import torch

from grader.wire.ban import Ban

OF_TORCH = {f"torch._C.{name}" for name in ("_nn", "_fft", "_linalg", "_special", "_sparse", "_nested")}
UNREPORTED = {"from_numpy", "frombuffer"}  # in C, and no TorchFunctionMode is told of them
SPELT = {  # what torch reports for these methods
    **{f"__{name}__": name for name in ("add", "sub", "mul", "matmul", "div", "lt", "le", "gt", "ge", "ne")},
    **{f"__r{name}__": name for name in ("add", "mul")},
    **{f"__r{name}__": f"bitwise_{name}" for name in ("and", "or", "xor")},
    **{f"__i{name}__": f"{name}_" for name in ("add", "sub", "mul", "div")},
    "__truediv__": "div", "__itruediv__": "div_", "__ifloordiv__": "floor_divide_",
    "__mod__": "remainder", "__imod__": "remainder_",
}  # fmt: skip
HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8  # of a class's flags; one that a `class` statement made has the first alone


# ---- names of Python -------------------------------------------------------------------------------------------


def things(ban: Ban) -> list[Any]:
    """Return what a dotted name means; `package.*` means what a module offers. A name that nothing has: none."""
    try:
        found = _named(ban.name.split("."))
    except (ImportError, AttributeError):
        return []
    return _offered(found) if ban.everything else [found]


def _named(parts: list[str]) -> Any:
    """Follow the names from the longest module that is there, importing what is not."""
    known = next((end for end in range(len(parts) - 1, 0, -1) if ".".join(parts[:end]) in sys.modules), 0)
    found: Any = sys.modules[".".join(parts[:known])] if known else importlib.import_module(parts[0])
    for at in range(known or 1, len(parts)):
        try:
            found = getattr(found, parts[at])
        except AttributeError:
            if not isinstance(found, ModuleType):
                raise
            found = importlib.import_module(".".join(parts[: at + 1]))
    return found


def _offered(module: Any) -> list[Any]:
    """Return what a module lists in `__all__`; without one, what is public and not from elsewhere."""
    if hasattr(module, "__all__"):
        values = [getattr(module, name, None) for name in module.__all__]
    else:
        values = [v for name, v in vars(module).items() if not name.startswith("_") and _is_own(v, module.__name__)]
    return [value for value in values if callable(value)]


def _is_own(value: Any, module: str) -> bool:
    if not isinstance(value, FunctionType | type):
        return True
    return f"{value.__module__}.".startswith(f"{module}.")


def closable(found: Any) -> bool:
    """Whether it is written in Python, so that it can be given another body for a while."""
    if isinstance(found, type):
        return bool(found.__flags__ & HEAP_TYPE) and not found.__flags__ & IMMUTABLE_TYPE
    return any(bodies(found))


def bodies(found: Any) -> Iterator[FunctionType]:
    """Yield the Python functions that run when it is called: a decorator's, then what is decorated."""
    found = getattr(found, "__func__", found)  # of a classmethod
    found = getattr(found, "_implementation", found)  # numpy's functions are Python functions in a dispatcher
    while found is not None:
        if isinstance(found, FunctionType):
            yield found
        found = getattr(found, "__wrapped__", None)


def reported(found: Any) -> Any:
    """Return what a TorchFunctionMode is told when this function of torch's, in C, is called. Others: None."""
    if getattr(found, "__objclass__", None) is torch._C.TensorBase:
        name = SPELT.get(found.__name__, found.__name__)
        return getattr(torch.Tensor, name) if callable(found) else found.__get__
    module, name = getattr(found, "__module__", None), getattr(found, "__name__", "")
    if module in OF_TORCH:
        return found
    is_one = module == "torch" and getattr(torch._C._VariableFunctions, name, None) == found
    return found if is_one and name not in UNREPORTED else None


# ---- operators -------------------------------------------------------------------------------------------------


def operators(ban: Ban) -> dict[str, bool]:
    """Return the operators of this torch that an entry means; whether each is seen when it is called.

    One that torch composes of others is not: they are called in its place.
    """
    seen: dict[str, bool] = {}
    for full in torch._C._dispatch_get_all_op_names():
        name, _, overload = full.partition(".")
        if fnmatch.fnmatchcase(name, ban.name):
            of_its_own = not is_composed(full) and not overload.endswith("out")  # torch makes those of composed ones
            seen[name] = seen.get(name, False) or of_its_own
    return seen


def is_composed(operator: str) -> bool:
    """Whether torch composes this operator, with its overload, of others. Some that modes see are not registered."""
    composed = torch._C._dispatch_has_kernel_for_dispatch_key
    return torch._C._dispatch_has_kernel(operator) and composed(operator, "CompositeImplicitAutograd")


def arguments(operator: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return an operator's arguments by name, with the defaults."""
    schema = operator._schema.arguments
    defaults = {argument.name: argument.default_value for argument in schema if argument.has_default_value()}
    return defaults | dict(zip((argument.name for argument in schema), args, strict=False)) | kwargs
