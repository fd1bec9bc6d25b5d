"""The walls hold where the grader is not root: a third of the corpus, graded as an ordinary user."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER = 70002  # not a login user, and not the one that root starts bubblewrap as
THIRD = (
    "closes_descriptors",
    "exits",
    "forbidden_system_calls",
    "fork_bomb",
    "garbage_on_the_wire",
    "kills_all",
    "kills_parent",
    "leaves_daemon",
    "looks_around",
    "memory_shared",
    "patches_the_wire",
    "prints_without_end",
    "segfault",
    "stops_itself",
)
OPEN_TO_OTHERS = 0o001


def closed(tree: Path) -> Path | None:
    """Return the topmost folder above a tree that other users cannot pass."""
    return next((at for at in reversed(tree.parents) if not at.stat().st_mode & OPEN_TO_OTHERS), None)


def staging() -> Iterator[str]:
    """Yield the commands that make the interpreter and this repository reachable under closed folders, like /root.

    They are for a mount namespace of their own: a closed folder is covered by an open one which holds the trees alone.
    """
    trees = {Path(p).resolve() for p in (sys.base_prefix, sys.prefix, ROOT)}
    for folder in sorted({found for tree in trees if (found := closed(tree))}):
        yield f"mount --bind {shlex.quote(str(folder))} /mnt"
        yield f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(folder))}"
        for tree in sorted(tree for tree in trees if folder in tree.parents):
            at, kept = shlex.quote(str(tree)), shlex.quote(f"/mnt/{tree.relative_to(folder)}")
            yield f"mkdir -p {at} && mount --bind {kept} {at}"
        yield "umount /mnt"


def as_ordinary_user(*command: str) -> list[str]:
    """Return the command line with which root runs a command as an ordinary user."""
    script = " && ".join([*staging(), f'exec setpriv --reuid {USER} --regid {USER} --clear-groups "$@"'])
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *command]


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder of the ordinary user's."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, USER, USER)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="this is an ordinary user already: test_corpus.py was run as one")
def test_an_ordinary_users_walls_hold_too(own_folder: Path):
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", "--basetemp", str(own_folder / "tests")]
    chosen = ["tests/attacks/test_corpus.py", "-k", " or ".join(f"deserves[{name}]" for name in THIRD)]
    done = subprocess.run(
        as_ordinary_user(*command, *chosen),
        cwd=ROOT,
        env={"HOME": str(own_folder), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert f"{len(THIRD)} passed" in done.stdout
