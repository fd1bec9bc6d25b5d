"""Floating-point operations by torch's own formulas, and those of the products that torch leaves out."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch.utils import flop_counter

aten = torch.ops.aten
sdpa: Callable[..., int] = flop_counter.sdpa_flop_count
sdpa_backward: Callable[..., int] = flop_counter.sdpa_backward_flop_count

OURS = {  # of shapes, as torch's own: 2 for each multiply-add
    aten.mv: lambda matrix, *_, **__: 2 * prod(matrix),
    aten.addmv: lambda _, matrix, *__, **___: 2 * prod(matrix),
    aten.dot: lambda vector, *_, **__: 2 * prod(vector),
    aten.vdot: lambda vector, *_, **__: 2 * prod(vector),
    aten.addbmm: lambda _, one, other, *__, **___: 2 * prod(one) * other[-1],
    aten._addmm_activation: lambda _, one, other, *__, **___: 2 * prod(one) * other[-1],
    aten._scaled_dot_product_flash_attention_for_cpu: lambda q, k, v, *_, **__: sdpa(q, k, v),
    aten._scaled_dot_product_flash_attention_for_cpu_backward: lambda g, q, k, v, *_, **__: sdpa_backward(g, q, k, v),
}
FORMULAS: dict[Any, Any] = flop_counter.FlopCounterMode(display=False, custom_mapping=OURS).flop_registry


def formula(packet: Any, args: Any, kwargs: Any, out: Any) -> int:
    """Return the FLOPs of one call of an operation: 0 where it is no product and no convolution."""
    known = FORMULAS.get(packet)
    return int(known(*args, **kwargs, out_val=out)) if known else 0
