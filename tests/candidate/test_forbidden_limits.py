"""What the page on courses says is not seen: who goes out of their way can call what is ruled out."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest

from grader.wire.protocol import Forbade, Value

from .forbidding import ask, imported

SOURCE = """
import _thread, os, time, warnings
import torch

X = torch.ones(3)
with warnings.catch_warnings(action="ignore"):
    @torch.jit.script
    def script(x: torch.Tensor): return torch.cumsum(x, 0)

def with_dispatch_off():
    with torch._C._DisableTorchDispatch(): return torch.cumsum(X, 0)
def with_functions_off():
    with torch._C.DisableTorchFunction(): return torch.cumsum(X, 0)
def scripted(): return script(X)
def in_a_thread_of_their_own():
    done = []
    _thread.start_new_thread(lambda: done.append(torch.cumsum(X, 0)), ())
    while not done: time.sleep(0.01)
    return done[0]
"""


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[types.ModuleType]:
    with imported(tmp_path_factory.mktemp("submission"), SOURCE) as module:
        yield module


@pytest.mark.parametrize(
    ("target", "unseen", "seen"),
    [
        ("with_dispatch_off", "aten::cumsum", "torch.cumsum"),
        ("with_functions_off", "torch.cumsum", "aten::cumsum"),
        ("scripted", "torch.cumsum", "aten::cumsum"),
    ],
)
def test_one_of_the_two_names_is_not_enough(student, target, unseen, seen):
    assert isinstance(ask(student, target, unseen), Value)
    assert isinstance(ask(student, target, seen), Forbade)
    assert isinstance(ask(student, target, seen, unseen), Forbade)


def test_a_thread_that_threading_does_not_know_is_not_watched(student):
    assert isinstance(ask(student, "in_a_thread_of_their_own", "torch.cumsum", "aten::cumsum"), Value)
