"""Compares answers on a GPU with exact ones, within a budget that the arithmetic itself sets.

Which errors are honest depends on the dtype, the inputs and the operations, and no table knows them. So the reference
answers twice on the CPU: in float64, which is taken for exact, and in the inputs' own dtype, whose error any honest
program may make a few times over. Nothing in it is a constant of one GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from grader.errors import CheckDefect
from grader.referee.compare import difference
from grader.referee.margins import note, observed
from grader.referee.respondent import Differs, Respondent
from grader.teaching.differences import noun, say

FACTOR = 4  # the error of another order of the same operations, against the reference's
LAST_DIGITS = 2  # units in the last place of the largest value: where the reference happens to be exact
FLOOR_OF_EXACT = 1e-9  # of float64 itself, of which nothing here is more exact
TF32_BITS = 13  # of float32's 23 that TF32 does not keep
TF32_STEP = 2.0**-10
MOST_TIMES = 1000
ANY = float("inf")

Leaf = torch.Tensor


class Calibrated:
    """The fixture `calibrated`: runs a probe on candidate and reference, and compares as exactly as can be asked."""

    def __init__(self, candidate: Respondent, reference: Respondent, *, tf32: bool = False) -> None:
        self._candidate = candidate
        self._reference = reference
        self._tf32 = tf32

    def __call__(
        self,
        probe: Any,
        /,
        *args: Any,
        rtol: float | None = None,
        atol: float | None = None,
        name: str = "the answer",
        **inputs: Any,
    ) -> Any:
        """Compare the answers within the budget, or within `rtol` and `atol` of the exact ones. Returns those.

        Raises:
            CheckFailed: with the kind of difference, and how many times the budget the error is.
        """
        __tracebackhide__ = True
        sent = [list(args), inputs]
        exact = _run(self._reference, probe, mapped(sent, _double))
        plain = _run(self._reference, probe, mapped(sent, _tf32) if self._tf32 else sent)
        actual = _run(self._candidate, probe, sent)
        expected = like(exact, plain)
        if rtol is None and atol is None:
            found = beyond_budget(actual, exact, plain, coarsest(sent, tf32=self._tf32), name=name)
        else:
            found = difference(actual, expected, name=name, rtol=rtol, atol=atol)
        if found is not None:
            raise Differs(found)
        return exact


def _run(asked: Respondent, probe: Any, sent: list[Any]) -> Any:
    args, inputs = sent
    return asked.run(probe, *args, **inputs)


def beyond_budget(actual: Any, exact: Any, plain: Any, step: float, *, name: str) -> str | None:
    """Say how an answer lies beyond its budget. `step` is that of the inputs' dtype between 1 and the next number."""
    for e, p in zip(numbers(exact), numbers(plain), strict=False):
        if e.shape == p.shape and bool((torch.isfinite(e) & ~torch.isfinite(p)).any()):
            raise CheckDefect("the reference overflows in the dtype of these inputs", step="draw smaller ones")
    expected = like(exact, plain)
    with observed():  # by nobody: what is measured is the budget below
        other = difference(actual, expected, name=name, rtol=0.0, atol=ANY)
    if other:
        note(name, ANY)
        return other  # another shape, dtype, kind of value; or no number
    alike = zip(*map(numbers, (actual, exact, plain)), strict=True)
    times = max((_times(a, e, p, step) for a, e, p in alike), default=0.0)
    note(name, times)
    if times <= 1:
        return None
    with observed():
        said = difference(actual, expected, name=name) or say("inexact", name=noun(name))
    return say("rounding_far" if times > MOST_TIMES else "rounding", said=said, times=_rounded(times))


def _times(actual: Leaf, exact: Leaf, plain: Leaf, step: float) -> float:
    """Return how many times its budget the error of one leaf is."""
    finite = torch.isfinite(exact)
    a, e, p = actual[finite], exact[finite], plain[finite]
    if not e.numel():
        return 0.0
    honest, error = float((p - e).abs().max()), float((a - e).abs().max())
    budget = FACTOR * honest + LAST_DIGITS * step * float(e.abs().max())
    return error / budget if budget else ANY if error else 0.0


def _rounded(times: float) -> str:
    return f"{float(f'{min(max(times, 1.1), MOST_TIMES):.2g}'):g}"


# ---- trees of values -------------------------------------------------------------------------------------------


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Return a tree of values with each leaf changed."""
    if isinstance(tree, list | tuple):
        return type(tree)(mapped(item, change) for item in tree)
    if isinstance(tree, Mapping):
        return {key: mapped(item, change) for key, item in tree.items()}
    return change(tree)


def leaves(tree: Any) -> Iterator[Any]:
    """Yield the leaves of a tree of values, in its order."""
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from leaves(item)
    elif isinstance(tree, Mapping):
        for key in sorted(tree, key=str):
            yield from leaves(tree[key])
    else:
        yield tree


def numbers(tree: Any) -> Iterator[Leaf]:
    """Yield the leaves that are no whole numbers, as exactly as they are."""
    for leaf in leaves(tree):
        if isinstance(leaf, float | complex):
            yield torch.tensor([leaf], dtype=torch.complex128)
        elif isinstance(leaf, torch.Tensor | np.ndarray):
            tensor = torch.as_tensor(leaf)
            if tensor.is_floating_point() or tensor.is_complex():
                yield tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


def like(exact: Any, plain: Any) -> Any:
    """Return the exact values in the dtypes of the plain ones; of whole numbers, such as an argmax, the plain ones."""
    if isinstance(plain, list | tuple) and isinstance(exact, list | tuple) and len(plain) == len(exact):
        return type(plain)(map(like, exact, plain))
    if isinstance(plain, Mapping) and isinstance(exact, Mapping) and plain.keys() == exact.keys():
        return {key: like(exact[key], value) for key, value in plain.items()}
    if isinstance(plain, torch.Tensor) and isinstance(exact, torch.Tensor):
        return exact.to(plain.dtype) if plain.is_floating_point() or plain.is_complex() else plain
    if isinstance(plain, np.ndarray) and isinstance(exact, np.ndarray):
        return exact.astype(plain.dtype) if plain.dtype.kind in "fc" else plain
    return plain if type(plain) is not type(exact) or not isinstance(exact, float) else exact


def coarsest(tree: Any, *, tf32: bool) -> float:
    """Return the step of the coarsest dtype among what was sent."""
    tensors = [leaf for leaf in leaves(tree) if isinstance(leaf, torch.Tensor)]
    kinds = {leaf.dtype for leaf in tensors if leaf.is_floating_point() or leaf.is_complex()}
    steps = [TF32_STEP if tf32 and kind is torch.float32 else _step(kind) for kind in kinds]
    return max(steps, default=_step(torch.float64))


def _step(kind: torch.dtype) -> float:
    if kind in (torch.float64, torch.complex128):
        return FLOOR_OF_EXACT / LAST_DIGITS
    return torch.finfo(kind).eps


def _double(leaf: Any) -> Any:
    """Return a leaf in float64."""
    if isinstance(leaf, torch.Tensor):
        return leaf.double() if leaf.is_floating_point() else leaf.to(torch.complex128) if leaf.is_complex() else leaf
    if isinstance(leaf, torch.dtype):
        return torch.float64 if leaf.is_floating_point else torch.complex128 if leaf.is_complex else leaf
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc":
        return leaf.astype(np.float64 if leaf.dtype.kind == "f" else np.complex128)
    return leaf


def _tf32(leaf: Any) -> Any:
    """Return a float32 tensor with the ten bits that TF32 keeps, rounded to nearest."""
    if not isinstance(leaf, torch.Tensor) or leaf.dtype is not torch.float32:
        return leaf
    bits = leaf.contiguous().view(torch.int32)
    kept = ((bits + (1 << (TF32_BITS - 1))) >> TF32_BITS) << TF32_BITS
    return torch.where(torch.isfinite(leaf), kept.view(torch.float32), leaf)
