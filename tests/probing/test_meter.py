"""What a block of torch code costs, counted: the same number each time, and the one that pencil and paper give."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from grader.probing import metered

from .attention import chunked, cumulated, quadratic, recomputed

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


# ---- FLOPs -------------------------------------------------------------------------------------------------------


def product(q: Tensor, k: Tensor, v: Tensor, order: str) -> Tensor:
    return (q @ k.mT) @ v if order == "left" else q @ (k.mT @ v)


@pytest.mark.parametrize(("n", "d", "cheaper"), [(256, 16, "right"), (8, 64, "left")])
def test_the_flops_of_a_product_of_three_are_those_of_its_order(n, d, cheaper):
    q, k, v = torch.randn(3, n, d)
    exact = {"left": 2 * (n * n * d + n * n * d), "right": 2 * (n * d * d + n * d * d)}
    assert {order: counts(product, q, k, v, order)["flops"] for order in exact} == exact
    assert min(exact, key=exact.__getitem__) == cheaper


def test_the_flops_of_causal_attention_in_chunks():
    n, c, d = 1024, 64, 16
    assert counts(chunked, *torch.randn(3, n, d))["flops"] == 2 * n * (2 * c * d + 2 * d * d) == 5_242_880


A, B, V = torch.ones(2, 3, 4), torch.ones(2, 4, 5), torch.ones(4)
PRODUCTS = {
    "matmul": (lambda: A @ B, 2 * 2 * 3 * 4 * 5),
    "einsum": (lambda: torch.einsum("bij,bjk->bik", A, B), 2 * 2 * 3 * 4 * 5),
    "out=": (lambda: torch.bmm(A, B, out=torch.empty(0)), 2 * 2 * 3 * 4 * 5),
    "linear": (lambda: linear(A, torch.ones(7, 4), torch.ones(7)), 2 * 6 * 4 * 7),
    "baddbmm": (lambda: torch.baddbmm(torch.ones(2, 3, 5), A, B), 2 * 2 * 3 * 4 * 5),
    "addbmm": (lambda: torch.addbmm(torch.ones(3, 5), A, B), 2 * 2 * 3 * 4 * 5),
    "matrix times vector": (lambda: A[0] @ V, 2 * 3 * 4),
    "addmv": (lambda: torch.addmv(torch.ones(3), A[0], V), 2 * 3 * 4),
    "dot": (lambda: V @ V, 2 * 4),
    "vdot": (lambda: torch.vdot(V, V), 2 * 4),
    "convolution": (lambda: nn.functional.conv1d(A, torch.ones(5, 3, 2)), 2 * 2 * 5 * 3 * 3 * 2),
    "elementwise": (lambda: (A * 2).exp().cumsum(0), 0),
}


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_every_product_counts_two_for_each_multiply_add(name, mode):
    function, expected = PRODUCTS[name]
    with mode():
        assert counts(function)["flops"] == expected


def test_fused_attention_counts_both_of_its_products_and_its_backward_five():
    q, k, v = leaves(1, 2, 8, 4)
    one = 2 * 2 * 8 * 8 * 4
    assert counts(scaled_dot_product_attention, q, k, v)["flops"] == 2 * one
    assert counts(forward_and_backward, scaled_dot_product_attention, q, k, v)["flops"] == 7 * one


def test_a_backward_in_the_block_counts_too():
    x, w = torch.ones(3, 4, requires_grad=True), torch.ones(4, 5, requires_grad=True)
    assert counts(forward_and_backward, torch.matmul, x, w)["flops"] == 3 * (2 * 3 * 4 * 5)


@pytest.mark.parametrize("function", [chunked, cumulated, quadratic, recomputed])
def test_where_torch_counts_a_product_the_count_is_torchs(function):
    q, k, v = torch.randn(3, 128, 8)
    with FlopCounterMode(display=False) as torchs:
        function(q, k, v)
    of_vectors = counts(function, q, k, v)["ops"].get("aten::mv", 0) * 2 * 64 * 8
    assert counts(function, q, k, v)["flops"] == torchs.get_total_flops() + of_vectors


# ---- operations --------------------------------------------------------------------------------------------------


def test_operations_are_counted_by_the_names_that_dispatch_knows():
    used = counts(lambda: linear(A, torch.ones(7, 4)) + (A @ B).sum())
    assert used["ops"]["aten::mm"] == used["ops"]["aten::bmm"] == 1
    assert used["ops"]["aten::ones"] == 1
    assert list(used["ops"]) == sorted(used["ops"])


def test_an_operation_is_the_same_whatever_python_calls_it():
    spelled = [lambda: A.mul(2), lambda: A * 2, lambda: torch.mul(A, 2), lambda: getattr(torch.ops.aten, "mul")(A, 2)]  # noqa: B009
    assert [counts(one)["ops"] for one in spelled] == [{"aten::mul": 1}] * 4


def test_counting_what_is_saved_adds_no_operation():
    def steps() -> None:
        forward_and_backward(recomputed, *leaves(64, 4))

    assert counts(steps)["ops"] == counts(steps, saved=False)["ops"]


# ---- memory ------------------------------------------------------------------------------------------------------


def test_the_peak_is_what_lived_at_the_same_time():
    def one_after_another() -> None:
        for _ in range(5):
            torch.zeros(1000)

    assert counts(one_after_another)["peak_bytes"] == 1000 * FLOAT
    assert counts(lambda: [torch.zeros(1000) for _ in range(5)])["peak_bytes"] == 5 * 1000 * FLOAT


def test_while_one_tensor_replaces_another_both_live():
    def steps() -> Tensor:
        x = torch.zeros(1000)
        for _ in range(3):
            x = x + 1
        return x

    assert counts(steps)["peak_bytes"] == 2 * 1000 * FLOAT


def test_in_place_costs_nothing():
    x = torch.zeros(1000)
    assert counts(lambda: x.add_(1).mul_(2).exp_())["peak_bytes"] == 0


def test_a_view_costs_nothing_and_an_expansion_no_more_than_its_storage():
    x = torch.zeros(1, 1000)
    free = counts(lambda: [x.T, x[:, ::2], x.reshape(10, 100), x.expand(10**6, 1000), x.detach()])
    assert (free["peak_bytes"], free["largest_bytes"], free["largest_numel"]) == (0, 0, 0)
    made = counts(lambda: torch.zeros(1, 1000).expand(10**6, 1000))
    assert (made["peak_bytes"], made["largest_numel"]) == (1000 * FLOAT, 1000)


def test_a_view_keeps_the_whole_of_what_it_looks_at():
    def rows() -> list[Tensor]:
        return [torch.zeros(100, 10)[0] for _ in range(3)]

    assert counts(rows)["peak_bytes"] == 3 * 1000 * FLOAT


def test_what_was_there_before_the_block_is_not_counted_nor_its_end():
    there = [torch.zeros(1000)]

    def use_up() -> Tensor:
        made = there[0] + 1
        there.clear()
        return made + torch.zeros(1000)

    assert counts(use_up)["peak_bytes"] == 3 * 1000 * FLOAT


def test_a_storage_that_an_operation_makes_larger_counts_its_new_size():
    out, full = torch.empty(0), torch.empty(300)
    assert counts(lambda: torch.add(torch.zeros(300), 1, out=out))["peak_bytes"] == 2 * 300 * FLOAT
    assert counts(lambda: torch.add(torch.zeros(300), 1, out=full))["peak_bytes"] == 300 * FLOAT


def test_tensors_made_of_python_data_count():
    assert counts(lambda: torch.tensor([0.0] * 1000))["peak_bytes"] == 1000 * FLOAT


def test_a_mask_counts_its_bytes_and_its_elements():
    used = counts(lambda: torch.ones(100, 100, dtype=torch.bool))
    assert (used["largest_bytes"], used["largest_numel"]) == (10_000, 10_000)


def test_a_sparse_tensor_counts_what_it_holds():
    made = counts(lambda: torch.eye(100).to_sparse())
    assert made["peak_bytes"] >= 100 * (2 * 8 + FLOAT)
    assert made["largest_numel"] == 100 * 100


def test_a_tensor_without_numbers_costs_none():
    assert counts(lambda: torch.zeros(1000, device="meta") + 1)["peak_bytes"] == 0


def test_gradients_and_what_backward_makes_count():
    x = torch.zeros(1000, requires_grad=True)
    assert counts(forward_and_backward, torch.exp, x)["peak_bytes"] >= 2 * 1000 * FLOAT
    assert x.grad is not None


def test_a_cycle_of_references_lives_to_the_end_of_the_block_whenever_python_collects():
    def cycles() -> None:
        for _ in range(3):
            loop: list[Any] = [torch.zeros(1000)]
            loop.append(loop)

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        assert counts(cycles)["peak_bytes"] == 3 * 1000 * FLOAT
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)


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


# ---- the same each time, and nothing left behind -----------------------------------------------------------------


def test_the_first_block_of_a_process_counts_as_every_other():
    """What torch imports at the first operation of a mode would keep that operation's tensors alive."""
    code = """
import torch
from grader.probing import metered
x = torch.ones(1000)
def peak():
    with metered() as used:
        for _ in range(3):
            torch.nn.functional.elu(x).exp()
    return used.counts()["peak_bytes"]
assert peak() == peak() == 8000
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("function", [chunked, cumulated, quadratic, recomputed])
def test_twice_the_same_code_gives_twice_the_same_counts(function):
    made = [counts(forward_and_backward, function, *leaves(128, 8)) for _ in range(3)]
    assert made[0] == made[1] == made[2]


def test_blocks_within_blocks_each_count_what_is_theirs():
    x = torch.zeros(1000, requires_grad=True)
    with metered() as outer:
        first = x.exp()
        with metered() as inner:
            second = x.sin() + first
        third = second.exp()
    del third
    assert inner.counts()["ops"] == {"aten::add": 1, "aten::sin": 1}
    assert inner.counts()["peak_bytes"] == 2 * 1000 * FLOAT
    assert outer.counts()["ops"] == {"aten::add": 1, "aten::exp": 2, "aten::sin": 1}
    assert inner.counts()["saved_bytes"] == 1000 * FLOAT  # x
    assert outer.counts()["saved_bytes"] == 3 * 1000 * FLOAT  # x, and what both exp return


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_passes_and_leaves_nothing_behind(error):
    def fails() -> None:
        torch.ones(3).requires_grad_().exp()
        raise error

    with metered() as outer:
        with pytest.raises(error), metered() as used:
            fails()
        torch.ones(3)
    seen = used.counts()
    x = torch.ones(1000, requires_grad=True)
    forward_and_backward(torch.exp, x)
    assert used.counts() == seen
    assert seen["ops"] == {"aten::exp": 1, "aten::ones": 1}
    assert outer.counts()["ops"]["aten::ones"] == 2
    assert gc.isenabled()
    assert torch.utils._python_dispatch._get_current_dispatch_mode() is None


def test_counts_can_be_asked_for_in_the_block_and_stay_when_it_has_ended():
    with metered() as used:
        kept = [torch.zeros(1000)]
        inside = used.counts()
        kept.append(torch.zeros(1000))
    after = used.counts()
    kept.append(torch.zeros(9999))
    kept.clear()
    assert inside["peak_bytes"] == 1000 * FLOAT
    assert after["peak_bytes"] == used.counts()["peak_bytes"] == 2 * 1000 * FLOAT


def test_nothing_is_kept_alive_by_counting_it():
    with metered() as used:
        x = torch.zeros(1000, requires_grad=True)
        y = x.exp().sin()
        del x, y
        assert (used.memory.live, used.saved.live) == (0, 0)


def test_vmap_counts_the_whole_batch():
    x = torch.zeros(10, 100)
    used = counts(lambda: torch.func.vmap(lambda row: row + 1)(x))
    assert used["largest_numel"] == 1000


def test_what_torch_writes_in_python_anew_is_the_one_operation_that_it_is_elsewhere():
    x = torch.randn(1, 2, 4, 4)
    with metered() as used:
        torch.nn.functional.interpolate(x, scale_factor=2.0)
    assert used.counts()["ops"] == {"aten::upsample_nearest2d": 1}
