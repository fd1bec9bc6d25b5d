"""How the tests of the meter count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.probing import metered

KIB = 1024
FLOAT = 4


def counts(function: Callable[..., Any], *args: Any, **options: Any) -> dict[str, Any]:
    """What a call costs, with what it returns alive until the end."""
    with metered(**options) as used:
        kept = function(*args)
    del kept
    return used.counts()


def leaves(*shape: int) -> list[Tensor]:
    return [torch.randn(*shape, requires_grad=True) for _ in range(3)]


def forward_and_backward(function: Callable[..., Tensor], *args: Tensor) -> None:
    out = function(*args)
    out.sum().backward()
