"""Whether what the walls are built with is there."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grader_bwrap
from grader.work import Finding
from grader_machine.advice import UPGRADE

OPTIONS = ("--size", "--disable-userns", "--clearenv", "--as-pid-1", "--ro-bind-data", "--perms", "--info-fd")
OWN_CODE = "for your own code only: --sandbox none"
INSTALL = "apt install bubblewrap (dnf, pacman, zypper: the same name)"


def examine_system() -> Iterator[Finding]:
    """Yield whether this system can have sandboxes at all."""
    release = platform.release()
    name = f"Python {platform.python_version()} on {platform.system()} {release}"
    if sys.platform != "linux":
        step = f"grade on Linux, in a virtual machine if need be; {OWN_CODE}"
        yield Finding("system", "missing", f"{name}: sandboxes are made of Linux's namespaces", step)
    elif release.endswith("Microsoft"):  # WSL2 has a kernel of its own, and says "microsoft-standard-WSL2"
        yield Finding("system", "missing", f"{name}: WSL1 has no namespaces", "wsl --set-version DISTRIBUTION 2")
    else:
        yield Finding("system", "ok", name)


def examine_bubblewrap() -> Iterator[Finding]:
    """Yield whether bubblewrap is there, and new enough."""
    program = shutil.which("bwrap")
    if program is None:
        yield Finding("bubblewrap", "missing", "is not installed: it builds the walls", f"{INSTALL}; {OWN_CODE}")
        return
    version = _said(program, "--version").removeprefix("bubblewrap ")
    known = _said(program, "--help").split()
    if lacking := [option for option in OPTIONS if option not in known]:
        yield Finding("bubblewrap", "broken", f"{version} is too old: it lacks {', '.join(lacking)}", UPGRADE)
        return
    yield Finding("bubblewrap", "ok", version)
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        step = "apt install util-linux, or run the grader as an ordinary user"
        yield Finding("setpriv", "missing", "is not installed: root needs it to become an ordinary user", step)
    unreachable = [tree for tree in grader_bwrap.trees() if not Path(tree).exists()]
    if unreachable:
        yield Finding("interpreter", "broken", f"its folder is gone: {', '.join(unreachable)}", "make the venv anew")


def _said(program: str, option: str) -> str:
    done = subprocess.run([program, option], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()
