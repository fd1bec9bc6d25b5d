"""Pages that are walked: the files that they show are written and the commands that they show are run, in order.

A file is a block under a line that begins with its path and ends with a colon. Where that line says `at its end`, the
block is added to the file; a block of `diff` changes it. A command is a line of a `console` block after `$ `, and what
follows it is what it prints, with `...` for what differs each time.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(
    r"^(?:`(?P<path>[\w/.]+)`(?P<how>[^\n]*):\n)?```(?P<kind>\w+)\n(?P<text>.+?)^```", re.DOTALL | re.MULTILINE
)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
SECONDS = re.compile(r"\b\d+(\.\d+)? ?s\b")
LAST_STATUS = "echo $?"


class File(NamedTuple):
    """A file that the page shows, or what it adds or changes there."""

    path: str
    text: str
    how: str  # "written", "added", "changed"

    def put(self, root: Path) -> None:
        """Do to the file below `root` what the page says."""
        path = root / self.path
        if self.how == "written":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text, encoding="utf-8")
            return
        before = path.read_text(encoding="utf-8")
        path.write_text(before + self.text if self.how == "added" else changed(before, self.text), encoding="utf-8")


class Command(NamedTuple):
    """A command that the page shows, and what it says that is printed."""

    line: str
    printed: str


def steps(page: str) -> Iterator[File | Command]:
    """Yield what a page shows, from its beginning to its end."""
    for block in BLOCK.finditer(page):
        if block["path"]:
            how = "changed" if block["kind"] == "diff" else "added" if "at its end" in block["how"] else "written"
            yield File(block["path"], block["text"], how)
        elif block["kind"] == "console":
            yield from (Command(*found) for found in COMMAND.findall(block["text"]))


def changed(text: str, diff: str) -> str:
    """Return a text with a diff applied. In each of its pieces, between lines of `@@`, all but a `+` must be there."""
    for piece in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = piece.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        assert text.count(old) == 1, f"there {text.count(old)} times:\n{old}"
        text = text.replace(old, new)
    return text


def walk(page: str, root: Path) -> Iterator[tuple[Command, str]]:
    """Do all that a page shows, in a folder; yield each command with what it printed."""
    status = 0
    for step in steps(page):
        if isinstance(step, File):
            step.put(root)
        elif step.line == LAST_STATUS:
            yield step, f"{status}\n"
            status = 0
        else:
            assert status == 0, f"what comes before failed, and `{LAST_STATUS}` does not say so: {step.line}"
            done = in_terminal(step.line, root)
            status = done.returncode
            yield step, done.stdout or done.stderr
    assert status == 0


def alike(printed: str, found: str) -> bool:
    """Whether a command printed what the page says, whatever time it took and however wide its table is."""
    same = doctest.OutputChecker().check_output
    without = (SECONDS.sub("", printed), SECONDS.sub("", found))
    return any(same(*texts, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE) for texts in ((printed, found), without))


def refreshed(page: str, root: Path) -> str:
    """Return the page with what its commands print now, where that is not what it says."""
    done = 0
    made = ""
    for step, found in walk(page, root):
        at = page.index(f"$ {step.line}\n{step.printed}", done)
        end = at + len(f"$ {step.line}\n")
        now = "".join(f"{line.rstrip()}\n" for line in found.splitlines())
        made += page[done:end] + (step.printed if alike(step.printed, found) else now)
        done = end + len(step.printed)
    return made + page[done:]


def in_terminal(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as one who stands in a folder; what it prints is without its progress."""
    tools = Path(sys.executable).parent
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "GRADER"))}
    environment = {**clean, "PATH": f"{tools}{os.pathsep}{clean['PATH']}", "COLUMNS": "100"}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":  # python tests/docs/walkthrough.py docs/tutorial.md
    named = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        named.write_text(refreshed(named.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")
