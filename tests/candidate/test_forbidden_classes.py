"""A class that is ruled out is refused: made, subclassed, as an instance or method that was saved before."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest
import torch

from grader.candidate.forbidden import forbid
from grader.wire.answer import ForbiddenCall
from grader.wire.protocol import Forbade, Value

from .forbidding import ask, imported

SOURCE = """
import copy
import torch
from torch.nn import LayerNorm as Norm

P = torch.nn.Parameter(torch.ones(4))
NORM, BATCH = Norm(4), torch.nn.BatchNorm1d(4)
ADAM = torch.optim.Adam([P])
STEP, FORWARD = torch.optim.Adam.step, Norm.forward
P.grad = torch.ones(4)
class Mine(torch.optim.Adam): ...
class Own(Norm):
    def __init__(self): torch.nn.Module.__init__(self)

def made(): return torch.optim.Adam([P]) and None
def subclassed(): return Mine([P]) and None
def instance(): return ADAM.step()
def saved_method(): return STEP(ADAM)
def norm_made(): return Norm(4) and None
def norm_instance(): return NORM(P)
def norm_copied(): return copy.deepcopy(NORM)(P)
def norm_saved_method(): return FORWARD(NORM, P)
def norm_without_its_init(): return Own().forward(P)
def batch_made(): return torch.nn.BatchNorm1d(4) and None
def batch_instance(): return BATCH(torch.ones(2, 4))
def sgd(): return torch.optim.SGD([P], lr=0.1).step()
"""


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[types.ModuleType]:
    with imported(tmp_path_factory.mktemp("submission"), SOURCE) as module:
        yield module


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        *[("torch.optim.Adam", name) for name in ("made", "subclassed", "instance", "saved_method")],
        *[("torch.optim.*", name) for name in ("made", "subclassed", "instance", "saved_method", "sgd")],
        *[
            ("torch.nn.LayerNorm", f"norm_{n}")
            for n in ("made", "instance", "copied", "saved_method", "without_its_init")
        ],
        *[("torch.nn.BatchNorm1d", name) for name in ("batch_made", "batch_instance")],  # both inherited
    ],
)
def test_a_class_is_refused_however_it_is_reached(student, entry, target):
    reply = ask(student, target, entry)
    assert isinstance(reply, Forbade)
    assert reply.name == entry
    assert reply.where.startswith("student.py, line ")


@pytest.mark.parametrize("target", ["sgd", "norm_instance", "batch_made"])
def test_its_relatives_are_left_alone(student, target):
    assert isinstance(ask(student, target, "torch.optim.Adam", "torch.nn.BatchNorm2d", "torch.nn.GroupNorm"), Value)


def test_afterwards_the_classes_are_as_they_were(student):
    kinds = (torch.optim.Adam, torch.nn.LayerNorm, torch.nn.BatchNorm1d)
    before = [dict(vars(kind)) for kind in kinds]
    with pytest.raises(ForbiddenCall), forbid(["torch.optim.*", "torch.nn.LayerNorm", "torch.nn.BatchNorm1d"]):
        student.made()
    assert [dict(vars(kind)) for kind in kinds] == before
    assert isinstance(ask(student, "norm_instance"), Value)
    assert isinstance(ask(student, "batch_instance"), Value)
    assert isinstance(ask(student, "instance"), Value)
