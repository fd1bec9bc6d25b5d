"""A plugin for pytest: what an author's own run asks the candidate is guarded as it is in a sandbox."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from grader.candidate.forbidden import forbid
from grader.referee import trusted
from grader.wire.protocol import Call, Reply

answered = trusted.answered


def guarded(call: Call, student: ModuleType, *args: Any, root: str, **more: Any) -> Reply:
    """Answer as ever, and refuse what the part rules out. The reference is asked without a word of that."""
    guard = forbid(call.forbidden, root, student) if call.forbidden else None
    return answered(call, student, *args, root=root, guard=guard, **more)


trusted.answered = guarded
