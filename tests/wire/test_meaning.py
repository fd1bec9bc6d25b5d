"""What an entry of `forbidden` means in this torch: things of Python, the functions torch reports, operators."""

from __future__ import annotations

import functools
import operator
import statistics
import sys
from functools import partial
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from grader.wire.ban import read
from grader.wire.meaning import SPELT, arguments, bodies, closable, operators, reported, things


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("torch.mean", [torch.mean]),
        ("torch.nn.LayerNorm", [torch.nn.LayerNorm]),
        ("torch.optim.sgd.sgd", [sys.modules["torch.optim.sgd"].sgd]),  # torch.optim takes the attribute away
        ("torch.optim", [torch.optim]),
        ("torch", [torch]),
        ("torch.Tensor.mean", [torch.Tensor.mean]),
        ("torch.nothing", []),
        ("torch.mean.nothing", []),
        ("nowhere", []),
        ("nowhere.nothing", []),
        ("nowhere.*", []),
    ],
)
def test_a_dotted_name_means(name, found):
    assert things(read(name)) == found


def test_a_module_that_nobody_has_imported_is(monkeypatch):
    monkeypatch.delitem(sys.modules, "wsgiref.headers", raising=False)
    assert [kind.__name__ for kind in things(read("wsgiref.headers.Headers"))] == ["Headers"]


def test_a_star_means_what_is_public_in_a_module():
    found = things(read("torch.optim.*"))
    assert torch.optim.AdamW in found
    assert all(callable(thing) and not isinstance(thing, ModuleType | partial) for thing in found)


def test_a_star_means_what_the_module_lists():
    assert set(things(read("statistics.*"))) <= {getattr(statistics, name) for name in statistics.__all__}


def test_a_star_does_not_mean_what_a_module_has_from_elsewhere():
    found = things(read("torch.nn.functional.*"))
    assert torch.nn.functional.interpolate in found
    assert torch.nn.functional.gelu in found  # in C
    assert torch.Tensor not in found


# ---- functions -------------------------------------------------------------------------------------------------


def test_the_bodies_of_a_function_are_a_decorators_and_what_is_decorated():
    def inner(): ...

    @functools.wraps(inner)
    def outer(): ...

    assert list(bodies(outer)) == [outer, inner]
    assert list(bodies(functools.lru_cache(inner))) == [inner]
    assert [body.__name__ for body in bodies(np.mean)] == ["mean"]
    assert [body.__name__ for body in bodies(torch.nn.Embedding.from_pretrained)] == ["from_pretrained"]
    assert list(bodies(torch.mean)) == []


@pytest.mark.parametrize(
    ("thing", "can_be"),
    [(statistics.mean, True), (torch.optim.Adam, True), (sum, False), (torch.mean, False), (int, False),
     (torch.Generator, False), (3, False)],
)  # fmt: skip
def test_what_is_written_in_python_can_be_closed(thing, can_be):
    assert closable(thing) is can_be


class Told(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.told = [*getattr(self, "told", []), func]
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("torch.mean", lambda x: torch.mean(x)),
        ("torch.ones", lambda x: torch.ones(1)),
        ("torch.Tensor.mean", lambda x: x.mean()),
        ("torch.Tensor.T", lambda x: x.T),
        ("torch.Tensor.__getitem__", lambda x: x[0]),
        ("torch.nn.functional.gelu", torch.nn.functional.gelu),
        (
            "torch.nn.functional.scaled_dot_product_attention",
            lambda x: torch._C._nn.scaled_dot_product_attention(x, x, x),
        ),
        ("torch.fft.fft", torch.fft.fft),
        ("torch.linalg.inv", lambda x: torch.linalg.inv(x)),
        ("torch.special.erf", torch.special.erf),
    ],
)
def test_what_torch_reports_is_what_the_name_means(name, call):
    with Told() as mode:
        call(torch.eye(2))
    assert reported(things(read(name))[0]) in mode.told


SIGNS = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "matmul": operator.matmul, "mod": operator.mod,
    "truediv": operator.truediv, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "ne": operator.ne, "eq": operator.eq, "and": operator.and_, "or": operator.or_, "xor": operator.xor,
    "iadd": operator.iadd, "isub": operator.isub, "imul": operator.imul, "imod": operator.imod,
    "itruediv": operator.itruediv, "ifloordiv": operator.ifloordiv, "iand": operator.iand, "ior": operator.ior,
    "lshift": operator.lshift, "rshift": operator.rshift,
    "radd": lambda x, y: 3 + x, "rmul": lambda x, y: 3 * x,
    "rand": lambda x, y: 3 & x, "ror": lambda x, y: 3 | x, "rxor": lambda x, y: 3 ^ x,
    "neg": lambda x, y: -x, "pos": lambda x, y: +x, "abs": lambda x, y: abs(x), "invert": lambda x, y: ~x,
}  # fmt: skip


@pytest.mark.parametrize("sign", SIGNS)
def test_a_method_behind_a_sign_is_known_by_what_torch_reports(sign):
    whole = torch.full((2, 2), 3, dtype=torch.int64)
    x = whole.double() if sign == "itruediv" else whole
    with Told() as mode:
        SIGNS[sign](x, x.clone())
    assert reported(getattr(torch.Tensor, f"__{sign}__")) in mode.told


def test_every_sign_that_is_spelt_otherwise_is_a_method_of_this_torch():
    assert all(hasattr(torch.Tensor, method) and hasattr(torch.Tensor, name) for method, name in SPELT.items())


@pytest.mark.parametrize("thing", [sum, torch.from_numpy, torch.Generator, torch.nn.Linear, "text", 3, torch.float32])
def test_of_others_torch_reports_nothing(thing):
    assert reported(thing) is None


# ---- operators -------------------------------------------------------------------------------------------------


def test_an_operator_is_known_and_whether_it_is_called():
    assert operators(read("aten::cumsum")) == {"aten::cumsum": True}
    assert operators(read("aten::softmax")) == {"aten::softmax": False}
    assert operators(read("aten::nothing")) == {}
    assert operators(read("c10d::allreduce_")) == {"c10d::allreduce_": True}


def test_a_star_means_any_letters_of_an_operators_name():
    found = operators(read("aten::upsample_*"))
    assert {"aten::upsample_nearest2d", "aten::upsample_bilinear2d"} <= found.keys()
    assert "aten::cumsum" not in found


def test_the_arguments_of_an_operator_come_by_name_with_defaults():
    given = arguments(torch.ops.aten.cumsum.default, (1, 2), {})
    assert given == {"self": 1, "dim": 2, "dtype": None}
    assert arguments(torch.ops.aten.cumsum.default, (1,), {"dim": 3})["dim"] == 3
