"""Liars: what answers without having done the work. None of them may earn a point.

Most lies have the structure of the right answer, which is worked out on copies: nothing is done to what was given, so
a function or method that works in place is not honest either. Where something cannot be copied, the lie is None.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from grader.proving.duplicates import NotCopied, duplicate
from grader.proving.impostors import Manner

MOMENT = 0.3  # seconds that the checks wait for the one that never returns
LONG = 3600.0


def _nothing(right: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ARG001
    return None


def _echo(right: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ARG001
    given = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
    return next(iter([*given, *args[-1:]]), None)


def _never(right: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ARG001
    time.sleep(LONG)


def _raises(right: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ARG001
    raise ValueError("no")


def _made_of_the_answer(number: float, integer: int) -> Manner:
    """Answer with this number in every place, and this integer where integers are."""

    def manner(right: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            copies = duplicate((args, kwargs))
        except NotCopied:
            return None
        return _filled(right(*copies[0], **copies[1]), number, integer)

    return manner


NONE = "answers None"
LIARS: Mapping[str, Manner] = {
    NONE: _nothing,
    "answers zeros": _made_of_the_answer(0.0, 0),
    "answers NaN": _made_of_the_answer(float("nan"), -1),
    "answers ones": _made_of_the_answer(1.0, 1),
    "answers a constant": _made_of_the_answer(0.37, 3),
    "answers its input": _echo,
    "raises ValueError": _raises,
    "never returns": _never,
}
PATIENCE: Mapping[str, float] = {"never returns": MOMENT}


def _filled(right: Any, number: float, integer: int) -> Any:
    """Return a right answer with every number in it replaced."""
    match right:
        case torch.Tensor():
            whole = not (right.is_floating_point() or right.is_complex())
            return torch.full_like(right, integer if whole else number, requires_grad=False)
        case bool():
            return integer != 0
        case int():
            return integer
        case float():
            return number
        case list() | tuple():
            return _rebuilt(right, [_filled(item, number, integer) for item in right])
        case Mapping():
            return {key: _filled(value, number, integer) for key, value in right.items()}
        case AbstractContextManager():
            return nullcontext()
        case Iterator():
            return iter([_filled(item, number, integer) for item in right])
    return None


def _rebuilt(like: list[Any] | tuple[Any, ...], items: list[Any]) -> Any:
    return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)
