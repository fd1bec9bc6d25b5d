"""Right and wrong answers with noise on them: nobody's idea, so no misconception may be told."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from grader.proving.duplicates import reached
from grader.proving.impostors import Manner

SPRINKLED = 0.3  # of the numbers, that are NaN


def noisy(strength: float) -> Manner:
    """Answer rightly but for noise of this strength, in shares of how far the numbers spread."""

    def spoilt(x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        numbers = x.detach().double()
        spread = numbers.std() if numbers.numel() > 1 else numbers.abs().mean()
        size = strength * (float(spread.nan_to_num()) or 1.0)
        return x + (size * torch.randn(x.shape, generator=rng, dtype=torch.float64)).to(x.dtype)

    return _spoiling(spoilt)


def sprinkled() -> Manner:
    """Answer rightly but for some NaN, one at least."""

    def spoilt(x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        where = torch.rand(x.shape, generator=rng) < SPRINKLED
        where.view(-1)[int(torch.randint(x.numel(), (), generator=rng))] = True
        return x.masked_fill(where, float("nan"))

    return _spoiling(spoilt)


def _spoiling(spoilt: Callable[[torch.Tensor, torch.Generator], torch.Tensor]) -> Manner:
    """Spoil what is answered, and what was written to in place: an optimizer answers by its parameters."""

    def one(x: Any) -> Any:
        if isinstance(x, float):
            return float(spoilt(torch.tensor(x, dtype=torch.float64), _rng_of(x)))
        if isinstance(x, torch.Tensor) and x.is_floating_point() and x.numel():
            return spoilt(x, _rng_of(x))
        return x

    def manner(right: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        tensors = [leaf for leaf in reached((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        before = {id(tensor): (tensor, tensor._version) for tensor in tensors}
        answer = right(*args, **kwargs)
        given = {id(leaf) for leaf in tree_leaves(answer)}
        for number, (tensor, version) in before.items():
            if tensor._version != version and number not in given:
                tensor.data.copy_(one(tensor.data))
        return tree_map(one, answer)

    return manner


def _rng_of(x: float | torch.Tensor) -> torch.Generator:
    """Return a generator that the numbers themselves seed: other answers have other noise."""
    total = x if isinstance(x, float) else float(x.detach().double().nansum())
    return torch.Generator().manual_seed(zlib.crc32(repr(total).encode()))


NOISES: Mapping[str, Manner] = {
    "a little noise": noisy(1e-4),
    "some noise": noisy(0.05),
    "much noise": noisy(3.0),
    "some NaN": sprinkled(),
}
