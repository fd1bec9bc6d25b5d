"""An operator is refused whichever function of the library leads to it, in backward too; others are left alone."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest
import torch
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from grader.candidate.forbidden import forbid
from grader.wire.answer import ForbiddenCall
from grader.wire.protocol import Forbade, Value

from .forbidding import ask, imported

SOURCE = """
import threading, warnings
import torch
import torch.nn.functional as F

X = torch.arange(16.0).reshape(1, 1, 4, 4)
W = torch.nn.Parameter(torch.ones(2, 1, 3, 3))
ATTENTION = torch.nn.MultiheadAttention(4, 2, batch_first=True)
with warnings.catch_warnings(action="ignore"):
    @torch.jit.script
    def scripted_interpolate(x: torch.Tensor): return torch.nn.functional.interpolate(x, scale_factor=2.0)

def function(): return F.interpolate(X, scale_factor=2.0)
def module(): return torch.nn.Upsample(scale_factor=2.0)(X)
def scripted(): return scripted_interpolate(X)
def vmapped(): return torch.func.vmap(lambda x: F.interpolate(x[None], scale_factor=2.0))(X)
def in_inference_mode():
    with torch.inference_mode(): return F.interpolate(X, scale_factor=2.0)
def in_a_thread():
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()
def bilinear(): return F.interpolate(X, scale_factor=2.0, mode="bilinear")

def attention(): return F.scaled_dot_product_attention(X, X, X)
def attention_in_a_module(): return ATTENTION(X[0], X[0], X[0], need_weights=False)
def attention_in_an_encoder():
    return torch.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()(X[0])

def transposed(): return F.conv_transpose2d(X, W.new_ones(1, 2, 3, 3))
def transposed_module(): return torch.nn.ConvTranspose2d(1, 2, 3)(X)
def transposed_in_inference_mode():
    with torch.inference_mode(): return transposed()
def ordinary(): return F.conv2d(X, W).sum()
def backward(): ordinary().backward()
def gradient(): return torch.autograd.grad(ordinary(), W)
def input_gradient(): return torch.nn.grad.conv2d_input((1, 1, 4, 4), W, torch.ones(1, 2, 2, 2))

def softmax_in_inference_mode():
    with torch.inference_mode(): return X.softmax(0)
"""
NEAREST, TRANSPOSED = "aten::upsample_nearest2d", "aten::convolution(transposed=True)"
ATTENTION, GRADIENT = "aten::_scaled_dot_product_*", "aten::convolution_backward"


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[types.ModuleType]:
    with imported(tmp_path_factory.mktemp("submission"), SOURCE) as module:
        yield module


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        *[
            (NEAREST, name)
            for name in ("function", "module", "scripted", "vmapped", "in_inference_mode", "in_a_thread")
        ],
        *[(ATTENTION, name) for name in ("attention", "attention_in_a_module", "attention_in_an_encoder")],
        *[(TRANSPOSED, name) for name in ("transposed", "transposed_module", "transposed_in_inference_mode")],
        *[(GRADIENT, name) for name in ("backward", "gradient", "input_gradient")],
        ("aten::_softmax", "softmax_in_inference_mode"),
        ("aten::upsample_*", "bilinear"),
    ],
)
def test_an_operator_is_refused_from_wherever_it_is_called(student, entry, target):
    reply = ask(student, target, entry)
    assert isinstance(reply, Forbade)
    assert reply.name == entry
    assert reply.where.startswith("student.py, line ")


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        (NEAREST, "bilinear"),
        (TRANSPOSED, "ordinary"),
        (TRANSPOSED, "backward"),
        (GRADIENT, "ordinary"),
        ("aten::no_such_operator?", "function"),
    ],
)
def test_an_operator_that_is_not_meant_is_left_alone(student, entry, target):
    assert isinstance(ask(student, target, entry), Value)


@pytest.mark.parametrize("target", ["function", "in_inference_mode", "backward", "vmapped", "attention_in_a_module"])
def test_the_values_are_those_that_nobody_watches(student, target):
    with forbid(["aten::cumprod", "torch.cumprod"]):
        watched = getattr(student, target)()
    alone = getattr(student, target)()
    for one, other in zip(tree_leaves(watched), tree_leaves(alone), strict=True):
        assert one is other is None or torch.equal(one, other)


def test_a_mode_of_the_probes_own_works_inside_and_hides_nothing(student):
    with forbid([ATTENTION]), FlopCounterMode(display=False) as flops:
        torch.ones(2, 3) @ torch.ones(3, 4)
    assert flops.get_total_flops() == 2 * 2 * 3 * 4
    with pytest.raises(ForbiddenCall), forbid([ATTENTION]), FlopCounterMode(display=False):
        student.attention()


def test_what_is_no_operator_of_the_dispatchers_is_passed_on():
    """torch.export asks modes for `prim::device`, from where an exception would end the process."""
    with forbid(["aten::cumprod"]):
        torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),))
