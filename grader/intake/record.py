"""When something was handed in, from what records it: nbgrader's timestamp, git, an archive. Never a file's own time.

A copy or a checkout sets a file's own time to now. Where nothing records it, the time is not known.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.errors import Ungradable
from grader.intake import limits
from grader.intake.archive import newest
from grader.intake.names import ARCHIVES, suffix
from grader.intake.tree import read_file

TIMESTAMP = "timestamp.txt"  # nbgrader writes it beside what it collects
LONGEST = 200  # bytes of such a file
PATIENCE = 20.0  # seconds for git to read the inbox's history
COMMIT = "/"  # begins each commit's line, which holds a time; the names of its files, all relative, follow
LOG = ("--name-only", "--relative", "--no-renames", "--no-show-signature")


class Record:
    """What is recorded of the submissions in one inbox. Asks git twice, however many submissions there are."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = absolute(inbox)
        self.committed = _committed(self.inbox)
        self.blobs = _blobs(self.inbox) if self.committed else {}

    def when(self, path: Path, *, collected: bool = False) -> datetime | None:
        """Return when this was handed in: by the first of nbgrader (if it collected this), git and the archive."""
        path = absolute(path)
        return (_stamped(path) if collected else None) or self._by_git(path) or self._by_archive(path)

    def _by_git(self, path: Path) -> datetime | None:
        """Return the last commit's time, unless what is there now is not what was committed."""
        name = path.relative_to(self.inbox).as_posix()
        files = [file for file in self.blobs if file == name or file.startswith(f"{name}/")]
        if not all(_is_blob(self.inbox / file, self.blobs[file]) for file in files):
            return None
        return max((self.committed[file] for file in files if file in self.committed), default=None)

    def _by_archive(self, path: Path) -> datetime | None:
        return newest(path) if suffix(path.name) in ARCHIVES and path.is_file() else None


def absolute(path: Path) -> Path:
    """Return where a path is, without following a link that a student made, as resolve() does."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _stamped(path: Path) -> datetime | None:
    """Read nbgrader's `2026-03-01 23:59:00.123456 Asia/Shanghai`; UTC where it names no zone."""
    try:
        text = read_file(path / TIMESTAMP, LONGEST).decode().strip() if path.is_dir() else ""
        *time, zone = text.split(" ") if text.count(" ") == 2 else (text, "UTC")
        moment = datetime.fromisoformat(" ".join(time))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
        return moment.astimezone(UTC)  # an hour before the first of all days is no moment
    except (Ungradable, ValueError, KeyError, OSError, OverflowError):
        return None


# ---- git -------------------------------------------------------------------------------------------------------


def _committed(inbox: Path) -> dict[str, datetime]:
    """Return the time of the last commit of each file in the inbox, by its path from there."""
    if not any((folder / ".git").exists() for folder in (inbox, *inbox.parents)):
        return {}
    times: dict[str, datetime] = {}
    time = None
    for line in _git(inbox, "log", f"--format={COMMIT}%cI", *LOG, "--", "."):
        if line.startswith(COMMIT):
            time = datetime.fromisoformat(line.removeprefix(COMMIT))
        elif line and time:
            times.setdefault(line, time)
    return times


def _blobs(inbox: Path) -> dict[str, str]:
    """Return the hash of each file as it was last committed."""
    lines = (line.partition("\t") for line in _git(inbox, "ls-tree", "-r", "HEAD"))
    return {name: said.split()[2] for said, _, name in lines if name}


def _is_blob(file: Path, said: str) -> bool:
    """Say whether a file is what was committed. git itself would run a repository's filters to compare them."""
    try:
        data = read_file(file, limits.ARCHIVE)
    except Ungradable:
        return False
    kind = hashlib.sha1 if len(said) == 40 else hashlib.sha256
    return kind(b"blob %d\0" % len(data) + data).hexdigest() == said


def _git(inbox: Path, *arguments: str) -> Sequence[str]:
    """Ask the repository around an inbox; nothing where there is none.

    It is asked only what executes nothing that a repository's own configuration names.
    """
    command = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "safe.bareRepository=explicit")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            [*command, "-C", str(inbox), *arguments],
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return done.stdout.decode("utf-8", "replace").split("\n") if done.returncode == 0 else ()
