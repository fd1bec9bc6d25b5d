"""What autograd keeps for backward, counted; and the figures that linear attention is known to have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from grader.probing import metered

from .attention import chunked, cumulated, quadratic, recomputed
from .counting import FLOAT, KIB, counts, forward_and_backward, leaves

# ---- saved for backward ------------------------------------------------------------------------------------------


def test_saved_is_each_storage_once_inputs_too_and_parameters_not():
    layer, x = nn.Linear(10, 20), torch.zeros(5, 10, requires_grad=True)
    assert counts(layer, x)["saved_bytes"] == 5 * 10 * FLOAT
    assert counts(lambda: layer(x).exp())["saved_bytes"] == (5 * 10 + 5 * 20) * FLOAT
    assert counts(lambda: (x * x) + (x * x.sin()))["saved_bytes"] == 2 * 5 * 10 * FLOAT
    assert counts(lambda: nn.functional.conv1d(x[None], nn.Parameter(torch.ones(3, 5, 2))))["saved_bytes"] == 50 * FLOAT


def test_nothing_is_saved_where_no_gradient_is_asked_for():
    with torch.no_grad():
        assert counts(quadratic, *leaves(64, 4))["saved_bytes"] == 0


def test_graphs_that_do_not_live_together_are_not_added_up():
    x = torch.zeros(1000, requires_grad=True)

    def three_steps() -> None:
        for _ in range(3):
            forward_and_backward(torch.sin, x)

    assert counts(three_steps)["saved_bytes"] == 1000 * FLOAT


def test_a_graph_that_was_made_before_may_end_in_the_block_and_the_other_way_round():
    x = torch.zeros(1000, requires_grad=True)
    early = x.exp()
    with metered() as used:
        early.sum().backward()
        late = x.exp()
    late.sum().backward()
    assert used.counts()["saved_bytes"] == 1000 * FLOAT
    assert torch.equal(x.grad, torch.full((1000,), 2.0))


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpoints_save_their_inputs_alone(reentrant):
    x = torch.zeros(1000, requires_grad=True)
    deep = nn.Sequential(*[nn.Tanh() for _ in range(5)])
    assert counts(deep, x)["saved_bytes"] == 5 * 1000 * FLOAT
    assert counts(lambda: checkpoint(deep, x, use_reentrant=reentrant))["saved_bytes"] <= 1000 * FLOAT


class Hides(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.x


def test_a_function_that_hides_a_tensor_on_ctx_is_not_seen():
    """As documented: a check of the attributes of ctx, or of a least number of bytes, goes beside this count."""
    assert counts(Hides.apply, torch.zeros(1000, requires_grad=True))["saved_bytes"] == 0


def test_gradients_of_gradients_are_those_without_a_meter():
    x = torch.linspace(-1, 1, 5, requires_grad=True)

    def second() -> Tensor:
        (first,) = torch.autograd.grad(x.pow(3).sum(), x, create_graph=True)
        return torch.autograd.grad(first.sum(), x)[0]

    with metered():
        inside = second()
    assert torch.equal(inside, second())


def changes_what_it_returned() -> None:
    result = torch.ones(3, requires_grad=True).exp()
    result.add_(1)
    result.sum().backward()


def changes_what_it_took() -> None:
    argument = torch.ones(3, requires_grad=True) * 1
    result = argument.sin()
    argument.add_(1)
    result.sum().backward()


@pytest.mark.parametrize("wrong", [changes_what_it_returned, changes_what_it_took])
def test_what_was_saved_and_then_changed_is_refused_as_without_a_meter(wrong):
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        wrong()
    with metered(), pytest.raises(RuntimeError, match="modified by an inplace operation"):
        wrong()


def test_torch_func_grad_works_where_saved_bytes_are_left_out():
    def square(x: Tensor) -> Tensor:
        return (x * x).sum()

    with metered(saved=False) as used:
        assert torch.func.grad(square)(torch.ones(3)).tolist() == [2, 2, 2]
    assert used.counts()["saved_bytes"] == 0
    with metered(), pytest.raises(RuntimeError, match="saved tensor hooks"):
        torch.func.grad(square)(torch.ones(3))


# ---- the figures of linear attention -----------------------------------------------------------------------------

N, D = 1024, 16


@pytest.mark.parametrize(
    ("function", "largest", "peak"),
    [(chunked, 64 * KIB, 273 * KIB), (cumulated, 1024 * KIB, 2176 * KIB), (quadratic, 4096 * KIB, 8192 * KIB)],
)
def test_what_each_form_of_causal_attention_holds(function, largest, peak):
    used = counts(function, *torch.randn(3, N, D))
    assert used["largest_bytes"] == largest
    assert peak <= used["peak_bytes"] <= peak * 1.01
    within = largest <= 8 * N * D * FLOAT and used["peak_bytes"] <= 24 * N * D * FLOAT
    assert within is (function is chunked)


def saved(function: Callable[..., Tensor], n: int, d: int, *args: Any) -> float:
    """Saved bytes, in numbers for each token and feature."""
    return counts(function, *leaves(n, d), *args)["saved_bytes"] / (n * d * FLOAT)


@pytest.mark.parametrize("d", [16, 64])
def test_recomputing_saves_six_tensors_of_the_inputs_size_and_a_number_a_token(d):
    assert saved(recomputed, 1024, d, 8) == saved(recomputed, 1024, d, 64) == saved(recomputed, 2048, d) == 6 + 1 / d


def test_what_autograd_saves_for_the_other_forms():
    assert round(saved(chunked, 1024, 64, 16), 2) == 10.33
    assert round(saved(chunked, 1024, 64, 64), 2) == 8.03
    assert round(saved(quadratic, 4096, 16)) == 262


def test_the_peak_of_forward_and_backward_is_linear_where_states_are_recomputed():
    def peaks(function: Callable[..., Tensor]) -> list[float]:
        sizes = (512, 1024, 2048)
        made = [counts(forward_and_backward, function, *leaves(n, 32))["peak_bytes"] for n in sizes]
        return [peak / (n * 32 * FLOAT) for n, peak in zip(sizes, made, strict=True)]

    assert [round(peak) for peak in peaks(quadratic)] == [37, 69, 133]
    assert all(7 < peak < 9.1 for peak in peaks(recomputed))
