"""A run of torchrun, as a check asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from grader.errors import CheckDefect
from grader.wire.protocol import Script

LEAST_SECONDS = 20.0


def script(
    nprocs: int, args: Sequence[str], files: Mapping[str, bytes | str], *, may_fail: bool, seconds: float
) -> Script:
    """Return what is sent.

    Raises:
        CheckDefect: if a file lies outside the folder, an argument is no text, or the check has too little time.
    """
    if seconds < LEAST_SECONDS:
        raise CheckDefect(
            f"torchrun cannot be run in the {seconds:g} s of this check: starting it takes several",
            step="@pytest.mark.limits(seconds=60)",
        )
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise CheckDefect(f"{name!r} is no file in the folder in which torchrun runs", step="give a relative name")
    if isinstance(args, str) or not all(isinstance(arg, str) for arg in args):
        raise CheckDefect(f"the arguments of a script are a list of str, not {args!r}")
    contents = {name: data.encode() if isinstance(data, str) else bytes(data) for name, data in files.items()}
    return Script(nprocs, tuple(args), contents, may_fail)
