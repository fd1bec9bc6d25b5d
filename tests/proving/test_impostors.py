"""Impostors look like the reference and answer in a manner; what they call inside of themselves is honest."""

from types import ModuleType

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.proving.habits import in_place, mutates_inputs, wrong_dtype
from grader.proving.impostors import _Mask
from grader.proving.lies import LIARS
from grader.proving.noise import NOISES


class Operations(TorchDispatchMode):
    """Names the operations of torch that run."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


SOURCE = """
import torch

def double(x):
    return _twice(x)

def _twice(x):
    return 2 * x

def mean_of(f, n):
    return sum(f(k) for k in range(n)) / n

def double_(x):
    x.mul_(2)

class Counter:
    def __init__(self, start):
        self.seen = self.count(start)
    def count(self, x):
        self.total = getattr(self, "total", 0.0) + x
        return self.total
    @property
    def half(self):
        return self.count(0.0) / 2
    @staticmethod
    def one():
        return 1.0
    def add_to(self, parameter):
        with torch.no_grad():
            parameter.add_(1.0)
"""


@pytest.fixture
def honest():
    module = ModuleType("tiny")
    exec(SOURCE, vars(module))
    return module


def test_a_lie_has_the_structure_of_the_answer(honest):
    zeros = _Mask(LIARS["answers zeros"]).on(honest.double)
    answer = zeros(torch.ones(2, 3, dtype=torch.float64))
    assert torch.equal(answer, torch.zeros(2, 3, dtype=torch.float64))
    assert answer.dtype is torch.float64


def test_a_liar_does_nothing_to_what_it_is_given(honest):
    x = torch.ones(3)
    _Mask(LIARS["answers zeros"]).on(honest.double_)(x)
    assert x.tolist() == [1, 1, 1]


def test_a_liar_does_not_call_what_it_is_given(honest):
    calls = []

    def f(k):
        calls.append(k)
        return float(k)

    assert _Mask(LIARS["answers ones"]).on(honest.mean_of)(f, 4) == 1.0
    assert calls == []


def test_a_liar_that_cannot_copy_its_arguments_answers_none(honest):
    assert _Mask(LIARS["answers ones"]).on(honest.mean_of)((k for k in range(3)).__next__, 4) is None


def test_a_lying_class_is_made_honestly_and_counts_nothing(honest):
    counter = _Mask(LIARS["answers ones"]).on(honest.Counter)(5.0)
    assert counter.seen == 5.0
    assert counter.count(3.0) == 1.0
    assert counter.total == 5.0
    assert counter.half == 1.0
    assert counter.one() == 1.0


def test_a_class_that_lies_is_still_of_the_class(honest):
    assert isinstance(_Mask(LIARS["answers ones"]).on(honest.Counter)(5.0), honest.Counter)


def test_an_echo_answers_the_first_tensor(honest):
    x = torch.ones(3)
    assert _Mask(LIARS["answers its input"]).on(honest.double)(x) is x


def test_the_wrong_dtype_has_the_right_values(honest):
    answer = _Mask(wrong_dtype).on(honest.double)(torch.ones(3))
    assert torch.equal(answer, torch.full((3,), 2.0, dtype=torch.float64))


def test_the_wrong_dtype_leaves_a_tensor_alone_that_is_handed_back(honest):
    x = torch.ones(3)
    assert _Mask(wrong_dtype).on(lambda given: [given, 2 * given])(x)[0] is x


def test_what_counts_operations_does_not_see_the_carelessness(honest):
    x = torch.ones(3)
    with Operations() as seen:
        _Mask(mutates_inputs).on(honest.double)(x)
    assert seen.names == ["mul"]


def test_mutated_inputs_come_with_the_right_answer(honest):
    x = torch.ones(3)
    assert _Mask(mutates_inputs).on(honest.double)(x).tolist() == [2, 2, 2]
    assert x.tolist() == [2, 2, 2]


def test_what_is_to_be_done_in_place_is_not_spoilt_by_carelessness(honest):
    x = torch.ones(3)
    _Mask(mutates_inputs).on(honest.double_)(x)
    assert x.tolist() == [2, 2, 2]


def test_an_answer_in_place_is_the_input(honest):
    x = torch.ones(3)
    assert _Mask(in_place).on(honest.double)(x) is x
    assert x.tolist() == [2, 2, 2]


def test_a_tensor_with_a_gradient_is_left_alone(honest):
    x = torch.ones(3, requires_grad=True)
    _Mask(in_place).on(honest.double)(x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


@pytest.mark.parametrize("name", NOISES)
def test_noise_is_on_answers_and_on_what_was_written_to(honest, name):
    x, parameter = torch.ones(5), torch.nn.Parameter(torch.ones(5))
    assert not torch.equal(_Mask(NOISES[name]).on(honest.double)(x), 2 * x)
    assert torch.equal(x, torch.ones(5))
    _Mask(NOISES[name]).on(honest.Counter)(0.0).add_to(parameter)
    assert not torch.equal(parameter.detach(), torch.full((5,), 2.0))


def test_a_little_noise_is_little(honest):
    x = torch.linspace(0, 1, 5)
    noisy = _Mask(NOISES["a little noise"]).on(honest.double)(x)
    assert torch.allclose(noisy, 2 * x, atol=0.01)


def test_noise_is_the_same_for_the_same_answer(honest):
    noisy = _Mask(NOISES["much noise"]).on(honest.double)
    assert torch.equal(noisy(torch.ones(3)), noisy(torch.ones(3)))
