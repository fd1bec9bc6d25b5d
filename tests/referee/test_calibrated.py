"""Answers are held to what rounding explains: the reference's own error in the inputs' dtype, a few times over."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from grader.checks import CheckFailed
from grader.errors import CheckDefect
from grader.model import Part
from grader.referee.calibrated import Calibrated, beyond_budget, coarsest, like, mapped
from grader.referee.respondent import Respondent
from grader.wire.answer import answer
from grader.wire.protocol import Call, Reply

N = 400


class Here:
    """A module that answers in this process."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.module = ModuleType("tiny")
        self.module.f = function  # type: ignore[attr-defined]

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        return answer(call, self.module, ModuleType("probes"), root="/nowhere")


def compared(candidate: Callable[..., Any], reference: Callable[..., Any], tf32: bool = False) -> Calibrated:
    asked = [Respondent(Here(f), Part("p", "P", 1), 1.0, None) for f in (candidate, reference)]
    return Calibrated(*asked, tf32=tf32)


def matrices(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.Generator().manual_seed(3)
    return tuple(torch.randn(N, N, generator=drawn, dtype=torch.float64).to(dtype) for _ in range(2))  # type: ignore[return-value]


def product(a, b):
    return a @ b


def in_another_order(a, b):
    """As a GPU would: sums of blocks."""
    return sum(a[:, at : at + 32] @ b[at : at + 32] for at in range(0, a.shape[1], 32))


def by_tf32(a, b):
    """What a product is with ten bits of each factor."""
    kept = (((x.view(torch.int32) + (1 << 12)) >> 13) << 13 for x in (a, b))
    return product(*(x.view(torch.float32) for x in kept))


DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_another_order_of_the_same_sums_is_within_the_budget(dtype):
    compared(in_another_order, product)("f", *matrices(dtype))


@pytest.mark.parametrize("dtype", DTYPES[1:], ids=str)
def test_a_more_exact_answer_is_within_the_budget(dtype):
    compared(lambda a, b: (a.double() @ b.double()).to(a.dtype), product)("f", *matrices(dtype))


def test_a_coarser_dtype_inside_is_beyond_it():
    secretly = {
        "bfloat16": lambda a, b: (a.bfloat16() @ b.bfloat16()).to(a.dtype),
        "float16": lambda a, b: (a.half() @ b.half()).to(a.dtype),
        "TF32": by_tf32,
    }
    for coarse in secretly.values():
        with pytest.raises(CheckFailed, match=r"the largest error is (over )?\d+ times what rounding explains"):
            compared(coarse, product)("f", *matrices(torch.float32))


def test_tf32_is_allowed_where_a_check_asks_for_it_and_bfloat16_is_not():
    compared(by_tf32, product, tf32=True)("f", *matrices(torch.float32))
    with pytest.raises(CheckFailed):
        compared(lambda a, b: (a.bfloat16() @ b.bfloat16()).to(a.dtype), product, tf32=True)(
            "f", *matrices(torch.float32)
        )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_wrong_answer_is_far_beyond_it_and_the_pattern_is_named(dtype):
    with pytest.raises(
        CheckFailed, match=r"has the opposite sign of what is expected; the largest error is (over )?\d+"
    ):
        compared(lambda a, b: -(a + b), torch.add)("f", *(matrix.round() for matrix in matrices(dtype)))


def test_how_many_times_the_budget_is_said_in_two_digits():
    plain, exact = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], dtype=torch.float64)
    budget = 2 * torch.finfo(torch.float32).eps * 2.0
    for times, said in ((1.0, None), (1.5, "1.5"), (3.5, "3.5"), (57.0, "57"), (5e4, "over 1000")):
        found = beyond_budget((exact + times * budget).float(), exact, plain, coarsest([plain], tf32=False), name="it")
        assert (found is None) == (said is None)
        assert said is None or found.endswith(f"the largest error is {said} times what rounding explains")


def test_the_student_is_told_no_value():
    with pytest.raises(CheckFailed) as failed:
        compared(lambda a, b: a + b + 0.12345, torch.add)("f", *matrices(torch.float32), name="the sum")
    assert str(failed.value) == (
        "the sum is too large by a constant amount; the largest error is over 1000 times what rounding explains"
    )


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (lambda a, b: (a @ b)[:-1], "one element too few along axis 0"),
        (lambda a, b: (a @ b).double(), "is float64 where float32 is expected"),
        (lambda a, b: [a @ b], "is a list where a tensor is expected"),
        (lambda a, b: (a @ b) / 0, "is infinite everywhere"),
    ],
)
def test_another_shape_dtype_or_kind_is_said_as_ever(candidate, said):
    with pytest.raises(CheckFailed, match=said):
        compared(candidate, product)("f", *matrices(torch.float32))


def test_an_author_may_set_tolerances_against_the_exact_answer():
    rough = compared(lambda a, b: (a.bfloat16() @ b.bfloat16()).float(), product)
    rough("f", *matrices(torch.float32), rtol=0.0, atol=1.0)
    with pytest.raises(CheckFailed):
        rough("f", *matrices(torch.float32), rtol=0.0, atol=1e-3)


def test_the_exact_answer_is_returned_and_whole_numbers_are_compared_exactly():
    def counts(x, dtype):
        return {"sum": x.to(dtype).sum(), "mean": float(x.mean()), "n": x.numel(), "sign": x.sign().int()}

    x = torch.rand(100, generator=torch.Generator().manual_seed(0))
    exact = compared(counts, counts)("f", x, torch.float32)
    assert (exact["sum"].dtype, exact["n"]) == (torch.float64, 100)
    off_by_one = compared(lambda x, dtype: counts(x, dtype) | {"n": 101}, counts)
    with pytest.raises(CheckFailed, match=r"\['n'\] is one more than expected"):
        off_by_one("f", x, torch.float32)
    rounded = compared(lambda x, dtype: counts(x, dtype) | {"mean": float(x.bfloat16().mean())}, counts)
    with pytest.raises(CheckFailed, match=r"\['mean'\] (differs|is (close|larger|smaller))"):
        rounded("f", x, torch.float32)


def test_infinity_where_it_is_expected_is_right_and_nan_is_nan():
    x = torch.tensor([1.0, -1.0, 0.0])
    compared(torch.log, torch.log)("f", x)
    with pytest.raises(CheckFailed):
        compared(lambda x: torch.log(x.abs()), torch.log)("f", x)


def test_inputs_on_which_the_reference_overflows_are_the_checks_fault():
    big = torch.full((4, 4), 300.0, dtype=torch.float16)
    with pytest.raises(CheckDefect, match="overflows"):
        compared(lambda x: torch.zeros_like(x), lambda x: x * x)("f", big)


def test_arrays_and_complex_numbers_are_calibrated_too():
    x = np.linspace(0, 1, 50, dtype=np.float32)
    compared(lambda x: np.exp(x), lambda x: np.exp(x))("f", x)
    z = torch.randn(20, dtype=torch.complex64, generator=torch.Generator().manual_seed(1))
    compared(lambda z: (z.conj() * z).sum(), lambda z: (z * z.conj()).sum())("f", z)
    with pytest.raises(CheckFailed):
        compared(lambda z: (z * z).sum(), lambda z: (z * z.conj()).sum())("f", z)


def test_trees_keep_their_shape():
    tree = [(1, [2]), {"a": 3}]
    assert mapped(tree, lambda leaf: leaf + 1) == [(2, [3]), {"a": 4}]
    assert like([1.5, {"a": 2.5}], [1.25, {"a": 2.0}]) == [1.5, {"a": 2.5}]
    assert like([1, 2], [1]) == [1]
