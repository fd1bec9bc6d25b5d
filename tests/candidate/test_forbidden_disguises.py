"""What is ruled out is refused in every disguise, by its name in Python and by its operator."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest

from grader.wire.protocol import Forbade, Value

from .forbidding import ask, imported

SOURCE = """
import functools, importlib, sys, threading
from concurrent.futures import ThreadPoolExecutor
import torch
from torch import cumsum as running

X = torch.arange(16.0).reshape(1, 1, 4, 4)
SHOWN = torch.cumsum(X, 0)  # a demonstration, while the module is imported
SAVED = {"it": torch.cumsum, "a part of it": functools.partial(torch.cumsum, dim=0)}
class Sub(torch.Tensor): ...
class Module(torch.nn.Module):
    def forward(self, x): return torch.cumsum(x, 0)
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x * 2
    @staticmethod
    def backward(ctx, grad): return torch.cumsum(grad, 0)
COMPILED = torch.compile(lambda: torch.cumsum(X, 0), backend="eager")
COMPILED()
def leaf(): return X.clone().requires_grad_()

def by_name(): return torch.cumsum(X, 0)
def by_keywords(): return torch.cumsum(input=X, dim=0)
def by_alias(): return running(X, 0)
def by_getattr(): return getattr(torch, "cum" + "sum")(X, 0)
def by_partial(): return SAVED["a part of it"](X)
def by_saved_reference(): return SAVED["it"](X, 0)
def by_exec():
    scope = {}
    exec("import torch\\ndef f(x): return torch.cumsum(x, 0)", scope)
    return scope["f"](X)
def by_eval(): return eval("torch.cumsum(X, 0)")
def by_importlib(): return importlib.import_module("torch").cumsum(X, 0)
def by_dunder_import(): return __import__("torch").cumsum(X, 0)
def by_sys_modules(): return sys.modules["torch"].cumsum(X, 0)
def by_another_module(): return torch._VF.cumsum(X, 0)
def by_the_modules_in_c(): return torch._C._VariableFunctions.cumsum(X, 0)
def by_operator(): return torch.ops.aten.cumsum(X, 0)
def by_overload(): return torch.ops.aten.cumsum.default(X, 0)
def by_map(): return list(map(torch.cumsum, [X], [0]))
def by_module(): return Module()(X)
def on_a_subclass(): return torch.cumsum(X.as_subclass(Sub), 0)
def in_vmap(): return torch.func.vmap(lambda x: torch.cumsum(x, 0))(X)
def in_grad(): return torch.func.grad(lambda x: torch.cumsum(x, 0).sum())(X)
def in_no_grad():
    with torch.no_grad(): return torch.cumsum(X, 0)
def in_inference_mode():
    with torch.inference_mode(): return torch.cumsum(X, 0)
def in_checkpoint():
    from torch.utils.checkpoint import checkpoint
    return checkpoint(lambda x: torch.cumsum(x, 0), leaf(), use_reentrant=False)
def compiled(): return torch.compile(lambda: torch.cumsum(X, 0), backend="eager")()
def compiled_before(): return COMPILED()
def in_a_hook():
    x = leaf()
    x.register_hook(lambda grad: torch.cumsum(grad, 0))
    x.sum().backward()
def in_a_hook_of_grad():
    x = leaf()
    y = x * 2
    y.register_hook(lambda grad: torch.cumsum(grad, 0))
    torch.autograd.grad(y.sum(), x)
def in_ones_own_backward(): Twice.apply(leaf()).sum().backward()
def in_a_thread():
    thread = threading.Thread(target=by_name)
    thread.start()
    thread.join()
def as_a_thread():
    thread = threading.Thread(target=torch.cumsum, args=(X, 0))
    thread.start()
    thread.join()
def in_a_pool():
    with ThreadPoolExecutor(2) as pool: return pool.submit(by_name).result()
def in_a_thread_of_a_pool():
    with ThreadPoolExecutor(2) as pool: return pool.submit(in_a_thread).result()
def with_overrides_of_classes_off():
    with torch._C.DisableTorchFunctionSubclass(): return torch.cumsum(X, 0)
def swallowed():
    try: return by_name()
    except BaseException: return X
def swallowed_and_raised():
    try: return by_name()
    except BaseException: raise ValueError
def swallowed_and_ended():
    try: return by_name()
    except BaseException: sys.exit(0)

def nothing_ruled_out(): return X.sum() + running.__name__.count("cumsum")
def only_imported():
    from torch import cumsum
    return X
def only_looked_at(): return torch.cumsum.__doc__ is None
"""
DISGUISES = [line.split("(")[0].removeprefix("def ") for line in SOURCE.splitlines() if line.startswith("def ")]
DISGUISES = DISGUISES[DISGUISES.index("by_name") : DISGUISES.index("nothing_ruled_out")]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[types.ModuleType]:
    with imported(tmp_path_factory.mktemp("submission"), SOURCE) as module:
        yield module


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("entry", ["torch.cumsum", "aten::cumsum"])
def test_a_disguise_does_not_help(student, disguise, entry):
    reply = ask(student, disguise, entry)
    assert isinstance(reply, Forbade)
    assert reply.name == entry
    assert reply.where.startswith("student.py, line ")


@pytest.mark.parametrize("entry", ["torch.cumsum", "torch.*", "aten::cumsum", "aten::cum*"])
@pytest.mark.parametrize("target", ["only_imported", "only_looked_at"])
def test_what_is_not_called_costs_nothing(student, target, entry):
    assert isinstance(ask(student, target, entry), Value)


@pytest.mark.parametrize("entry", ["torch.cumsum", "aten::cumsum", "aten::cumprod", "torch.nn.functional.*"])
def test_other_calls_are_not_in_the_way(student, entry):
    assert isinstance(ask(student, "nothing_ruled_out", entry), Value)


def test_a_call_that_no_probe_makes_costs_nothing(student):
    assert student.SHOWN is not None  # the module called it
    assert isinstance(ask(student, "nothing_ruled_out", "torch.cumsum", "aten::cumsum"), Value)


@pytest.mark.parametrize("disguise", ["by_name", "in_a_thread", "in_a_hook", "in_inference_mode", "compiled_before"])
def test_afterwards_all_of_them_work(student, disguise):
    assert isinstance(ask(student, disguise, "torch.cumsum", "aten::cumsum"), Forbade)
    assert isinstance(ask(student, disguise), Value)
    assert isinstance(ask(student, disguise, "aten::cumprod", "torch.cumprod"), Value)
