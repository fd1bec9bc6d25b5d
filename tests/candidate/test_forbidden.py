"""Calls that a part rules out raise, whatever name the student knows them by, and work again afterwards."""

from __future__ import annotations

import types
from functools import partial

import numpy as np
import pytest
import torch

from grader.candidate.forbidden import forbid, resolve
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
    with forbid(["numpy.seven"]), pytest.raises(ForbiddenCall):
        function()
    assert function() == 7


def test_a_function_of_numpy_written_in_c_is_not_seen():
    with forbid(["numpy.dot"]):  # the docs of `forbidden` promise Python functions, classes, and torch's own
        assert np.dot([1], [2]) == 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("torch.mean", [torch.mean]),
        ("torch.nn.LayerNorm", [torch.nn.LayerNorm]),
        ("torch.nothing", []),
        ("nowhere.nothing", []),
    ],
)
def test_a_dotted_name_means(name, found):
    assert resolve(name) == found


def test_a_star_means_what_is_public_in_a_module():
    found = resolve("torch.optim.*")
    assert torch.optim.AdamW in found
    assert all(callable(thing) and not isinstance(thing, types.ModuleType | partial) for thing in found)
