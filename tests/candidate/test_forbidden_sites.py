"""A refusal names the call as the student wrote it, and their line: of a frame, or else of the name in their files."""

from __future__ import annotations

import linecache
import types
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from grader.candidate.forbidden import forbid
from grader.candidate.forbidden.site import NOWHERE, in_sources
from grader.wire.answer import ForbiddenCall
from grader.wire.protocol import Forbade

from .forbidding import ask, imported

SOURCE = """\
import torch
import torch.nn.functional as F
import functools
from torch.nn.functional import interpolate as grow
from threading import Thread

X = torch.arange(16.0).reshape(1, 1, 4, 4)
π = X
def plainly(): return torch.cumsum(X, 0)                           # 9
def by_alias(): return grow(X, scale_factor=2.0)                   # 10
def by_method(): return (X * 1.0).cumsum(0) + X.cumsum(0)          # 11
def after_other_letters(): return "π ≠ 3", π.cumsum(0)             # 12
def on_lines():                                                    # 13
    return torch.cumsum(                                           # 14
        X,
        0,
    )
def deep(): return F.gumbel_softmax(X)                             # 18
def indirectly(): return plainly()                                 # 19
def in_a_thread():
    thread = Thread(target=plainly); thread.start(); thread.join() # 21
def as_a_thread():
    thread = Thread(target=torch.cumsum, args=(X, 0))
    thread.start(); thread.join()                                  # 24
def in_backward():
    x = X.clone().requires_grad_()
    x.register_hook(lambda grad: torch.cumsum(grad, 0))            # 27
    x.sum().backward()
def convolved(): return F.conv2d(X, torch.nn.Parameter(torch.ones(1, 1, 2, 2)))
def no_call(): return X ** 2                                       # 30
def by_a_name_alone(): return torch.exp(torch.cumsum(X, 0))        # 31
"""


@pytest.fixture
def student(tmp_path: Path):
    with imported(tmp_path, SOURCE) as module:
        yield module


@pytest.mark.parametrize(
    ("target", "entry", "line", "written"),
    [
        ("plainly", "torch.cumsum", 9, "torch.cumsum"),
        ("by_alias", "aten::upsample_nearest2d", 10, "grow"),
        ("by_alias", "torch.nn.functional.interpolate", 10, "grow"),
        ("by_method", "torch.Tensor.cumsum", 11, ""),
        ("after_other_letters", "torch.Tensor.cumsum", 12, "π.cumsum"),
        ("on_lines", "torch.cumsum", 14, "torch.cumsum"),
        ("deep", "aten::_softmax", 18, "F.gumbel_softmax"),
        ("deep", "torch.Tensor.softmax", 18, "F.gumbel_softmax"),
        ("indirectly", "torch.cumsum", 9, "torch.cumsum"),
        ("in_a_thread", "torch.cumsum", 9, "torch.cumsum"),
        ("as_a_thread", "torch.cumsum", 24, "thread.start"),
        ("in_backward", "torch.cumsum", 27, "torch.cumsum"),
        ("in_backward", "aten::cumsum", 27, "torch.cumsum"),
        ("no_call", "torch.Tensor.__pow__", 30, ""),
        ("by_a_name_alone", "torch.cumsum", 31, "torch.cumsum"),
    ],
)
def test_a_frame_of_theirs_says_it(student, target, entry, line, written):
    assert ask(student, target, entry) == Forbade(entry, f"student.py, line {line}", written)


def test_a_cell_of_a_notebook_says_it(student, monkeypatch):
    cell = "def in_a_cell():\n    return torch.cumsum(X, 0)\n"
    monkeypatch.setitem(linecache.cache, "cell 7", (len(cell), None, cell.splitlines(keepends=True), "cell 7"))
    exec(compile(cell, "cell 7", "exec"), vars(student))
    assert ask(student, "in_a_cell", "torch.cumsum") == Forbade("torch.cumsum", "cell 7, line 2", "torch.cumsum")


def test_the_first_refusal_is_told_and_not_a_later_one():
    def swallows():
        with suppress(BaseException):
            torch.exp(torch.ones(1))
        torch.cumsum(torch.ones(1), 0)

    with pytest.raises(ForbiddenCall) as caught, forbid(["torch.cumsum", "torch.exp"]):
        swallows()
    assert caught.value.name == "torch.exp"


# ---- without a frame -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "called", "line", "written"),
    [
        pytest.param("import torch\n\ngrow = torch.cumsum\n", ["cumsum"], 3, "torch.cumsum", id="exported"),
        pytest.param("from torch import cumsum\n", ["cumsum"], 1, "cumsum", id="imported under the name wanted"),
        pytest.param("from torch import cumsum as c\n\ngrow = c\n", ["cumsum"], 3, "c", id="renamed"),
        pytest.param("import torch as t\nclass A(t.optim.Adam): ...\n", ["Adam"], 2, "t.optim.Adam", id="subclass"),
        pytest.param("from torch.optim import *\nMine = Adam\n", ["Adam"], 2, "Adam", id="all of a module"),
        pytest.param("import torch\ngrow = getattr(torch, 'cumsum')\n", ["cumsum"], 2, "", id="in quotes"),
        pytest.param(
            "import torch\nx = y.cumsum\ngrow = torch.cumsum\n", ["cumsum"], 3, "torch.cumsum", id="rather torch's own"
        ),
        pytest.param("cumsum = 1\n\nprint(cumsum)\n", ["cumsum"], 0, "", id="a name of their own"),
        pytest.param(
            "import torch\ny = torch.convolution\n", ["convolution_backward"], 2, "torch.convolution", id="backward"
        ),
        pytest.param("import torch\n", ["cumsum"], 0, "", id="nowhere"),
        pytest.param("import torch\n", [""], 0, "", id="no name"),
    ],
)
def test_the_syntax_says_it(tmp_path, source, called, line, written):
    (tmp_path / "student.py").write_text(source)
    found = in_sources(str(tmp_path), called)
    assert found == ((f"student.py, line {line}", written) if line else NOWHERE)


def test_the_files_beside_it_and_the_cells_of_a_notebook_are_read_too(tmp_path, monkeypatch):
    (tmp_path / "student.py").write_text("import torch\n")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "more.py").write_text("import torch\ngrow = torch.cumsum\n")
    cell = "import torch\n\nslow = torch.cumprod\n"
    monkeypatch.setitem(linecache.cache, "cell 7", (len(cell), None, cell.splitlines(keepends=True), "cell 7"))
    assert in_sources(str(tmp_path), ["cumsum"]) == ("more.py, line 2", "torch.cumsum")
    assert in_sources(str(tmp_path), ["cumprod"]) == ("cell 7, line 3", "torch.cumprod")


def test_a_file_that_does_not_parse_hides_no_other(tmp_path):
    (tmp_path / "a.py").write_text("def f(:\n")
    (tmp_path / "b.py").write_text("import torch\ngrow = torch.cumsum\n")
    assert in_sources(str(tmp_path), ["cumsum"]).where == "b.py, line 2"


EXPORTING = """
import torch
import torch.nn.functional as F
total = torch.cumsum
grow = F.interpolate
class Mine(torch.optim.Adam): ...
def convolved(x): return F.conv2d(x, torch.nn.Parameter(torch.ones(1, 1, 2, 2)))
"""


def as_probe(probe) -> types.ModuleType:
    probes = types.ModuleType("probes")
    probes.probe = probe
    return probes


@pytest.mark.parametrize(
    ("probe", "entry", "where", "written"),
    [
        pytest.param(
            lambda student: student.total(torch.ones(3), 0), "torch.cumsum",
            "student.py, line 4", "torch.cumsum", id="by its name",
        ),
        pytest.param(
            lambda student: student.grow(torch.ones(1, 1, 2, 2), scale_factor=2.0), "aten::upsample_nearest2d",
            "student.py, line 5", "F.interpolate", id="by an operator",
        ),
        pytest.param(
            lambda student: student.Mine([torch.nn.Parameter(torch.ones(1))]), "torch.optim.Adam",
            "student.py, line 6", "torch.optim.Adam", id="a class",
        ),
        pytest.param(
            lambda student: student.Mine([torch.nn.Parameter(torch.ones(1))]), "torch.optim.*",
            "student.py, line 6", "torch.optim.Adam", id="one of a package",
        ),
        pytest.param(
            lambda student: student.convolved(torch.ones(1, 1, 3, 3)).sum().backward(), "aten::convolution_backward",
            "", "", id="an operator that nothing in the file is called like",
        ),
    ],
)  # fmt: skip
def test_where_a_probe_calls_what_they_only_named(tmp_path, probe, entry, where, written):
    with imported(tmp_path, EXPORTING) as student:
        assert ask(student, "probe", entry, probes=as_probe(probe)) == Forbade(entry, where, written)


@pytest.mark.parametrize("entry", ["ast.parse", "ast.*", "linecache.getlines", "pathlib.PurePath", "pathlib.*"])
def test_what_finds_the_line_can_itself_be_ruled_out(tmp_path, entry):
    probes = as_probe(lambda student: student.total(torch.ones(1), 0))
    with imported(tmp_path, EXPORTING) as student:
        reply = ask(student, "probe", entry, "torch.cumsum", probes=probes)
    assert isinstance(reply, Forbade)
    assert reply.name == "torch.cumsum"
