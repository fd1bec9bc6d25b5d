"""A copy of what is ruled out, word for word, is refused as it is itself; what only resembles it is not."""

from __future__ import annotations

import inspect
import sys
import textwrap
from pathlib import Path

import pytest
import torch

from grader.candidate.forbidden import forbid
from grader.candidate.forbidden.copies import LEAST
from grader.wire.answer import ForbiddenCall

from .forbidding import imported

ADAM = sys.modules["torch.optim.adam"]
PASTED = inspect.getsource(ADAM._single_tensor_adam)
RUN_AGAIN = """
import inspect, torch, importlib
module = importlib.import_module("torch.optim.adam")
names = {"__name__": module.__name__, "__package__": module.__package__}
exec(inspect.getsource(module), names)
MyAdam = names["Adam"]
adam = names["adam"]
"""


@pytest.fixture
def student(tmp_path: Path):
    with imported(tmp_path, RUN_AGAIN) as module:
        yield module


def refused(student, entry: str, call) -> ForbiddenCall:
    with pytest.raises(ForbiddenCall) as caught, forbid([entry], str(Path(student.__file__).parent), student):
        call()
    assert caught.value.name == entry
    return caught.value


@pytest.mark.parametrize("entry", ["torch.optim.Adam", "torch.optim.Adam.step", "torch.optim.*"])
def test_a_class_whose_source_was_run_again_is_refused(student, entry):
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = student.MyAdam([parameter])
    parameter.grad = torch.ones(2)
    refused(student, entry, optimizer.step)
    optimizer.step()  # and works again


def test_a_function_whose_source_was_run_again_is_refused(student):
    refused(student, "torch.optim.adam.adam", student.adam)


def of_pasted(tmp_path, source: str):
    imports = "import torch\nfrom torch.optim.adam import *\nfrom torch.optim.optimizer import *\n"
    names = "from torch.optim.optimizer import _get_value, _stack_if_compiling, _get_capturable_supported_devices\n"
    return imported(tmp_path, imports + names + "from torch import Tensor\n" + textwrap.dedent(source))


def test_a_pasted_function_is_refused_where_it_was_pasted(tmp_path):
    with of_pasted(tmp_path, PASTED.replace("def _single_tensor_adam(", "def mine(")) as student:
        told = refused(student, "torch.optim.adam._single_tensor_adam", student.mine)
    assert told.where == "student.py, line 6"


def test_a_pasted_method_is_refused(tmp_path):
    source = "class Mine:\n" + textwrap.indent(PASTED.replace("def _single_tensor_adam(", "def step("), "    ")
    with of_pasted(tmp_path, source) as student:
        refused(student, "torch.optim.adam._single_tensor_adam", student.Mine.step)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("exp_avg_sq", "second"), id="one name is another"),
        pytest.param(
            lambda text: text.replace("bias_correction2_sqrt = ", "bias_correction2_sqrt = 1 * "),
            id="an operation more",
        ),
    ],
)
def test_what_was_changed_is_another_function(tmp_path, change):
    changed = change(PASTED).replace("def _single_tensor_adam(", "def mine(")
    assert changed != PASTED
    with (
        of_pasted(tmp_path, changed) as student,
        forbid(["torch.optim.adam._single_tensor_adam"], None, student),
        pytest.raises(TypeError),  # it is called, without its arguments
    ):
        student.mine()


def test_an_init_that_is_alike_may_be(student):
    with forbid(["torch.optim.Adam"], None, student):
        student.MyAdam([torch.nn.Parameter(torch.ones(2))])


def test_what_is_short_may_be_alike(tmp_path):
    assert len(torch.nn.Identity.forward.__code__.co_code) < LEAST
    source = "class Mine:\n    def forward(self, input): return input\n"
    with imported(tmp_path, source) as student, forbid(["torch.nn.Identity"], None, student):
        assert student.Mine().forward(3) == 3


def test_what_is_imported_is_no_copy(tmp_path):
    source = "from torch.optim import *\nfrom torch.nn import *\n"
    with imported(tmp_path, source) as student, forbid(["torch.optim.adam.adam"], None, student):
        torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1).step()


def test_a_module_with_odd_things_in_it_is_searched_all_the_same(tmp_path):
    source = "import sys\nsys.modules['odd'] = 3\ndef f(): return 1\nf.__module__ = None\nclass A: __module__ = 'odd'\n"
    try:
        with imported(tmp_path, source) as student, forbid(["torch.optim.adam.adam"], None, student):
            assert student.f() == 1
    finally:
        del sys.modules["odd"]
