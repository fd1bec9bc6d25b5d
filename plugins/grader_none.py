"""Runs code as yourself, with no walls: for your own code, and only by name (`--sandbox none`).

Every report of such a run says that its results can be forged.
"""

from __future__ import annotations

from grader.hookspecs import hookimpl
from grader.work import Sandbox


@hookimpl
def grader_sandbox(name: str) -> Sandbox | None:
    """Provide the sandbox called none."""
    return Sandbox("none", confined=False) if name == "none" else None
