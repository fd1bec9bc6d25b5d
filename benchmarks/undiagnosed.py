"""Executed in place of `grader run` and its warm referee: the same, but no misconception is asked.

`undiagnosed.py main ARGUMENT ...` is `grader ARGUMENT ...`; it starts the referee as `undiagnosed.py MODULE FD ...`.
The grader's own files know nothing of this.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

SERVER = "grader.referee.server"
ROLE = sys.argv[1]


def be_main() -> None:
    """Be `grader`."""
    from grader.cli import main

    popen = subprocess.Popen

    def replaced(arguments: Any, *rest: Any, **options: Any) -> Any:
        if list(arguments[1:4]) == ["-I", "-m", SERVER]:
            arguments = [arguments[0], "-I", __file__, *arguments[3:]]
        return popen(arguments, *rest, **options)

    subprocess.Popen = replaced
    sys.argv = ["grader", *sys.argv[2:]]
    main()


def be_server() -> None:
    """Be the warm referee, with a bank that says nothing."""
    from grader.referee import server
    from grader.teaching.diagnosis import Bank

    made = Bank.__init__

    def silent(self: Bank, *arguments: Any) -> None:
        made(self, *arguments)
        self.silent = True

    Bank.__init__ = silent
    sys.argv = sys.argv[1:]
    server.main()


if __name__ == "__main__":
    {"main": be_main, SERVER: be_server}[ROLE]()
