"""Two tensors of one shape and dtype that are not alike, in the widest dtype, and when parts of them are alike."""

from __future__ import annotations

import torch

from grader.referee.tolerances import Tolerance

CLOSE = 1e-4  # of two values for one to be what a pattern says it is, unless their dtype or the check is coarser
FLOOR = 1e-2  # of that, of the largest value: how far from nothing rounding may be


class Pair:
    """An answer and what is expected of it. Where both are not finite and alike, both are 0 here."""

    def __init__(self, actual: torch.Tensor, expected: torch.Tensor, allowed: Tolerance) -> None:
        wide = torch.complex128 if expected.is_complex() else torch.float64
        self.dtype = expected.dtype
        self.a, self.e = actual.to(wide), expected.to(wide)
        neither = ~torch.isfinite(self.e) & torch.isclose(self.a, self.e, equal_nan=True)
        self.a, self.e = self.a.masked_fill(neither, 0), self.e.masked_fill(neither, 0)
        exact = not (expected.is_floating_point() or expected.is_complex())
        self.rtol = 0.0 if exact else max(CLOSE, allowed.rtol, allowed.norm or 0.0)
        self.atol = 0.0 if exact else min(allowed.atol, FLOOR * self._largest())
        if allowed.norm is not None:
            self.wrong = ~self.close(self.a, self.e)
        else:
            self.wrong = ~torch.isclose(actual, expected, rtol=allowed.rtol, atol=allowed.atol, equal_nan=True)

    def _largest(self) -> float:
        finite = self.e[torch.isfinite(self.e)].abs()
        return float(finite.max()) if finite.numel() else 0.0

    @property
    def is_number(self) -> bool:
        """Whether there is one value alone."""
        return self.e.numel() == 1

    @property
    def finite(self) -> bool:
        """Whether both can be reckoned with everywhere."""
        return bool(torch.isfinite(self.a).all() and torch.isfinite(self.e).all())

    def close(self, one: torch.Tensor, other: torch.Tensor, times: float = 1) -> torch.Tensor:
        """Return where two tensors are the same as far as such values can be, or as many times as far."""
        floor = max(self.atol, FLOOR * self.rtol * self._largest())
        return torch.isclose(one, other, rtol=times * self.rtol, atol=times * floor, equal_nan=True)

    def alike(self, one: torch.Tensor, other: torch.Tensor, times: float = 1) -> bool:
        """Whether they are so everywhere."""
        return bool(self.close(one, other, times).all())
