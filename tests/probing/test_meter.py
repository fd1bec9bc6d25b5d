"""What a block of torch code costs, counted: the same number each time, and the one that pencil and paper give."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.utils.flop_counter import FlopCounterMode

from grader.probing import metered

from .attention import chunked, cumulated, quadratic, recomputed
from .counting import FLOAT, counts, forward_and_backward, leaves

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
