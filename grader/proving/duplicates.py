"""Deep copies of arguments, so that work can be done on them and nobody sees it: also of what callables have in hand.

`copy.deepcopy` keeps functions as they are, so a copy of a function's arguments would still call the caller's own
callbacks, and what these count or collect would be seen.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from types import CellType, FunctionType
from typing import Any

import torch

DEPTH = 6


def reached(thing: Any, depth: int = DEPTH) -> Iterator[Any]:
    """Yield the tensors, functions and generators that one can get to from here, gradients too."""
    if isinstance(thing, torch.Tensor):
        yield thing
        if thing.is_leaf and thing.grad is not None:
            yield thing.grad
    elif isinstance(thing, FunctionType | torch.Generator):
        yield thing
    elif depth and isinstance(thing, list | tuple | set):
        for item in thing:
            yield from reached(item, depth - 1)
    elif depth and isinstance(thing, Mapping):
        yield from reached([*thing.keys(), *thing.values()], depth - 1)
    elif depth and hasattr(thing, "__dict__") and not isinstance(thing, type):
        yield from reached(vars(thing), depth - 1)


def duplicate(thing: Any) -> Any:
    """Return a deep copy of some arguments.

    Raises:
        NotCopied: if there is something in it of which there is no copy.
    """
    memo: dict[int, Any] = {}
    try:
        _remember(thing, memo)
        return copy.deepcopy(thing, memo)
    except Exception as error:  # each class says no in its own way
        raise NotCopied from error


class NotCopied(Exception):
    """There is no copy: of a socket, a process group, an iterator."""


def _remember(thing: Any, memo: dict[int, Any]) -> None:
    """Note the copies of what deepcopy refuses, or would keep as it is."""
    for leaf in list(reached(thing)):
        if id(leaf) in memo:
            continue
        if isinstance(leaf, torch.Tensor) and not leaf.is_leaf:
            memo[id(leaf)] = leaf.detach().clone()
        elif isinstance(leaf, torch.Generator):
            memo[id(leaf)] = leaf.clone_state()
        elif isinstance(leaf, FunctionType) and leaf.__closure__:
            _remember_function(leaf, leaf.__closure__, memo)


def _remember_function(function: FunctionType, closure: tuple[CellType, ...], memo: dict[int, Any]) -> None:
    cells = tuple(CellType() for _ in closure)
    duplicated = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, cells)
    duplicated.__kwdefaults__ = function.__kwdefaults__
    memo[id(function)] = duplicated  # before its cells: it may call itself
    for cell, old in zip(cells, closure, strict=True):
        _remember(old.cell_contents, memo)
        cell.cell_contents = copy.deepcopy(old.cell_contents, memo)
