"""A student's module in a file of its own, asked while something is forbidden."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.candidate.forbidden import forbid
from grader.wire.answer import answer
from grader.wire.protocol import Call, Reply
from grader.wire.values import pack

NO_PROBES = types.ModuleType("probes")


@contextmanager
def imported(root: Path, source: str) -> Iterator[types.ModuleType]:
    """Import a submission from a folder, as a loader does."""
    (root / "student.py").write_text(source)
    spec = importlib.util.spec_from_file_location("student", root / "student.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["student"] = module
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules["student"]


def ask(student: types.ModuleType, target: str, *forbidden: str, probes: types.ModuleType = NO_PROBES) -> Reply:
    """Return the reply to a call of a function, or of a probe if the probes have one of that name."""
    root = str(Path(str(student.__file__)).parent)
    call = Call(target, hasattr(probes, target), pack([[], {}]))
    return answer(call, student, probes, root=root, guard=forbid(forbidden, root))
