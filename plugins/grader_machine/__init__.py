"""Examines this machine for `grader doctor`: grades a little program through real walls, and says what to do if not.

Settings are not read where something can be tried instead: the whole way is gone, from bubblewrap to the last process.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.hookspecs import hookimpl
from grader.work import Finding
from grader_machine.hardware import Hardware
from grader_machine.tools import examine_bubblewrap, examine_system
from grader_machine.walls import examine_walls


@hookimpl
def grader_doctor() -> Iterator[Finding]:
    """Yield what was found, each as soon as it is known; what comes after something missing is not tried."""
    hardware = Hardware()  # torch takes as long to import as the walls take to try
    try:
        for examine in (examine_system, examine_bubblewrap, examine_walls):
            missing = False
            for finding in examine():
                missing = missing or finding.state != "ok"
                yield finding
            if missing:
                break
        yield from hardware.findings()
    finally:
        hardware.close()
