"""Right values in another float dtype are lost to the check that is marked for it, and to no other of its part."""

import numpy as np
import pytest
import torch

from grader.model import Outcome
from grader.referee.compare import difference
from grader.referee.leniency import any_float
from tests.referee.tiny import a_course, judged

CHECKS = '''
@check("double", points={values})
def test_values(same):
    """The values are right."""
    same("double", torch.tensor([1 / 3, 2 / 3], dtype=torch.float64), rtol=1e-12)

@pytest.mark.careless("dtype")
@check("double", points=20)
def test_dtype(same):
    """The dtype is kept."""
    same("double", torch.ones(2, dtype=torch.float64))

@check("scale", points=40)
def test_another_part(same):
    """Nobody is marked here."""
    same("double", torch.ones(2, dtype=torch.float64))
'''
IN_FLOAT32 = "def double(x): return (2 * x).float()"


def lost(solution, student):
    return {name for name, result in judged(solution, student).items() if result.outcome is not Outcome.PASSED}


@pytest.fixture
def course(tmp_path):
    return a_course(tmp_path, CHECKS.format(values=40), double=60, scale=40)


def test_a_marked_check_and_the_parts_without_one_look_at_the_dtype(course):
    assert lost(course, IN_FLOAT32) == {"dtype", "another_part"}


def test_wrong_values_are_lost_in_any_dtype(course):
    assert lost(course, "def double(x): return (2.001 * x).float()") == {"values", "dtype", "another_part"}


def test_without_a_mark_every_check_looks_at_it(tmp_path):
    source = CHECKS.format(values=40).replace('@pytest.mark.careless("dtype")\n', "")
    assert lost(a_course(tmp_path, source, double=60, scale=40), IN_FLOAT32) == {"values", "dtype", "another_part"}


def test_an_int_is_no_float(course):
    assert "values" in lost(course, "def double(x): return (2 * x).long()")


X = torch.linspace(1, 2, 7, dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_the_coarser_dtype_sets_the_tolerance(dtype):
    with any_float(True):
        assert difference(X, X.to(dtype), rtol=1e-12) is None
        assert difference(1.1 * X, X.to(dtype)) is not None
    assert difference(X, X.to(dtype)) is not None


def test_float32_may_stand_for_float64():
    with any_float(True):
        assert difference(X.float(), X, rtol=1e-12) is None
        assert difference(1.001 * X.float(), X) is not None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_sixteen_bits_stand_for_nothing_wider(dtype):
    with any_float(True):
        assert difference(X.to(dtype), X) is not None
        assert difference(X.to(dtype), X.float()) is not None


def test_arrays_are_as_tensors():
    with any_float(True):
        assert difference(X.numpy().astype(np.float32), X.numpy()) is None
    assert difference(X.numpy().astype(np.float32), X.numpy()) is not None


def test_a_dtype_that_torch_does_not_know_is_not_compared():
    with any_float(True):
        assert difference(X.numpy().astype(np.longdouble), X.numpy()) is not None


@pytest.mark.parametrize("content", [True, False])
@pytest.mark.parametrize("expected", [X, X.bfloat16()], ids=["float64", "bfloat16"])
def test_eight_bits_have_no_tolerance_and_are_another_kind(content, expected):
    with any_float(content):
        assert "float8_e5m2 where" in difference(X.to(torch.float8_e5m2), expected)
