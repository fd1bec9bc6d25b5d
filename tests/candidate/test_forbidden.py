"""Calls that a part rules out raise, whatever name the student knows them by, and work again afterwards."""

from __future__ import annotations

import types

import numpy as np
import pytest
import torch

from grader.candidate.forbidden import forbid
from grader.wire.answer import ForbiddenCall, answer
from grader.wire.protocol import Call, Forbade, Value
from grader.wire.values import pack

SOURCE = """
import torch
import torch.nn.functional as F
from torch import mean as average
from torch.nn import LayerNorm
from torch.optim import *
from torch.nn.functional import softmax

X = torch.arange(6.0).reshape(2, 3)
SHOWN = average(X)          # a demonstration outside the probe

def by_name(): return torch.mean(X)
def by_alias(): return average(X)
def by_method(): return X.mean()
def by_bound_method(): return (X.mean)()
def python_function(): return F.softmax(X, dim=0)
def python_alias(): return softmax(X, dim=0)
def a_class(): return LayerNorm(3)
def a_subclass():
    class Mine(LayerNorm): ...
    return Mine(3)
def star(): return AdamW([torch.nn.Parameter(X)])
def a_classmethod(): return torch.nn.Embedding.from_pretrained(X)
def swallowed():
    try:
        return torch.mean(X)
    except Exception:
        return 0
def indirect():
    from functools import partial
    return partial(torch.mean, X)()
def allowed(): return X.sum()
"""


@pytest.fixture(scope="module")
def student() -> types.ModuleType:
    module = types.ModuleType("student")
    exec(compile(SOURCE, "/submission/student.py", "exec"), vars(module))
    return module


def ask(student: types.ModuleType, target: str, *forbidden: str) -> object:
    call = Call(target, False, pack([[], {}]))
    return answer(call, student, types.ModuleType("probes"), root="/submission", guard=forbid(forbidden))


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("by_name", "torch.mean"),
        ("by_alias", "torch.mean"),
        ("swallowed", "torch.mean"),
        ("indirect", "torch.mean"),
        ("by_method", "torch.Tensor.mean"),
        ("by_bound_method", "torch.Tensor.mean"),
        ("python_function", "torch.nn.functional.softmax"),
        ("python_alias", "torch.nn.functional.softmax"),
        ("a_class", "torch.nn.LayerNorm"),
        ("a_subclass", "torch.nn.LayerNorm"),
        ("star", "torch.optim.*"),
        ("star", "torch.optim.AdamW"),
        ("a_classmethod", "torch.nn.Embedding.from_pretrained"),
    ],
)
def test_a_forbidden_call_is_told_with_its_place(student, target, name):
    reply = ask(student, target, name)
    assert isinstance(reply, Forbade)
    assert reply.name == name
    assert reply.where.startswith("student.py, line ")


def test_several_names_can_be_forbidden(student):
    assert isinstance(ask(student, "python_alias", "torch.mean", "torch.nn.functional.softmax"), Forbade)


@pytest.mark.parametrize("target", ["allowed", "by_alias", "python_alias"])
def test_other_calls_are_not_in_the_way(student, target):
    forbidden = (
        "torch.optim.*",
        "torch.nn.LayerNorm",
        "torch.cumsum",
        "torch.nope",
        "nothing.at_all",
        "torch.Generator",
    )
    assert isinstance(ask(student, target, *forbidden), Value)


def test_after_the_call_all_is_as_it_was(student):
    softmax, init = torch.nn.functional.softmax, torch.nn.LayerNorm.__init__
    names = ("torch.mean", "torch.Tensor.mean", "torch.nn.functional.softmax", "torch.nn.LayerNorm", "torch.optim.*")
    for target in ("by_name", "python_alias", "a_class", "star"):
        assert isinstance(ask(student, target, *names), Forbade)
    assert torch.nn.functional.softmax is softmax
    assert torch.nn.LayerNorm.__init__ is init
    assert softmax(torch.zeros(2), dim=0).tolist() == [0.5, 0.5]
    assert student.by_alias() == student.by_method() == 2.5
    student.star()


def test_a_function_with_free_variables_can_be_forbidden(monkeypatch):
    def made():
        seven = 7
        return lambda: seven

    function = made()
    monkeypatch.setattr(np, "seven", function, raising=False)
    with pytest.raises(ForbiddenCall), forbid(["numpy.seven"]):
        function()
    assert function() == 7


def test_a_function_of_numpy_written_in_c_is_not_seen():
    with forbid(["numpy.dot"]):  # the docs of `forbidden` promise Python functions, classes, and torch's own
        assert np.dot([1], [2]) == 2


@pytest.mark.parametrize("name", ["numpy.mean", "numpy.linalg.norm"])
def test_a_function_of_numpy_written_in_python_is_seen(name):
    with pytest.raises(ForbiddenCall), forbid([name]):
        (np.mean if name == "numpy.mean" else np.linalg.norm)([1.0, 2.0])


def test_a_function_that_a_decorator_wraps_is_seen_with_and_without_it():
    step = torch.optim.swa_utils.update_bn
    for call in (step, step.__wrapped__):
        with pytest.raises(ForbiddenCall), forbid(["torch.optim.swa_utils.update_bn"]):
            call([], torch.nn.Linear(1, 1))


def test_a_property_of_tensors_can_be_forbidden():
    with pytest.raises(ForbiddenCall), forbid(["torch.Tensor.mT"]):
        torch.ones(2, 2).mT  # noqa: B018
    torch.ones(2, 2).mT  # noqa: B018


@pytest.mark.parametrize("name", ["torch.Tensor.__matmul__", "torch.Tensor.matmul"])
def test_a_sign_is_forbidden_by_either_name(name):
    with pytest.raises(ForbiddenCall), forbid([name]):
        torch.ones(2, 2) @ torch.ones(2, 2)


def test_a_class_written_in_c_is_passed_over():
    with forbid(["torch.Generator", "builtins.int"]):
        assert isinstance(torch.Generator(), torch.Generator)
        assert int("3") == 3


def test_frames_of_what_is_closed_can_be_looked_into(monkeypatch):
    """A body with free variables that nothing binds would end the process when a debugger asks for its locals."""

    def made():
        seven = 7
        return lambda: seven

    monkeypatch.setattr(np, "seven", made(), raising=False)
    with pytest.raises(ForbiddenCall) as caught, forbid(["numpy.seven"]):
        np.seven()
    assert all(isinstance(entry.frame.f_locals, dict) for entry in caught.traceback)
