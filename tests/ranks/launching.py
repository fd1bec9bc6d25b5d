"""Has the ranks of a student answer, a trusted one or one in a sandbox."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

from grader.referee.faults import StudentFault, from_reply
from grader.referee.respondent import Student
from grader.referee.trusted import Trusted
from grader.wire.protocol import Call, Ranks, Reply, Value
from grader.wire.values import pack, unpack
from tests.ranks.students import SOURCE

SECONDS = 30.0


def trusted(folder: Path, source: str = SOURCE) -> Trusted:
    """Return a module that is trusted, in one lasting fork."""
    path = folder / "tiny.py"
    path.write_text(source)
    module = types.ModuleType("tiny")
    exec(compile(source, str(path), "exec"), vars(module))
    return Trusted([module], types.ModuleType("probes"), str(folder), lasting=True)


def reply(student: Student, target: str, *args: Any, **options: Any) -> Reply:
    """Return what comes of two ranks that call a function; `nprocs`, `init_process_group`, `seconds`, `forbidden`."""
    ranks = Ranks(options.pop("nprocs", 2), options.pop("init_process_group", True))
    seconds = options.pop("seconds", SECONDS)
    return student.ask(Call(target, False, pack([list(args), {}]), ranks=ranks, **options), seconds)


def values(student: Student, target: str, *args: Any, **options: Any) -> Any:
    """Return the answers, one a rank."""
    found = reply(student, target, *args, **options)
    assert isinstance(found, Value), fault_in(found)
    return unpack(found.data)


def fault(student: Student, target: str, *args: Any, **options: Any) -> StudentFault:
    """Return what a student reads of ranks that did not answer."""
    found = reply(student, target, *args, **options)
    assert not isinstance(found, Value)
    return fault_in(found)


def fault_in(found: Reply) -> StudentFault:
    return from_reply(found, "it")
