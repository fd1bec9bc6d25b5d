"""What IPython understands and Python does not: magics, shell lines and questions, made into plain Python.

A line is replaced by one line, so that line numbers stay a student's own. What is Python already is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from grader.intake.source import flaw_in

RUN_THE_CELL = {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "pyinstrument"}
RUN_THE_LINE = {"time", "prun", "memit", "lprun", "mprun"}

CELL_MAGIC = re.compile(r"\s*%%(\w*)")
LINE_MAGIC = re.compile(r"(\s*)%(\w+)\s*+(.*)", re.DOTALL)
OPTIONS = re.compile(r"(?:-\w++(?:\s++[\d./]\S*+)?\s*+)*+")  # of a magic: -n 10 -q
SHELL = re.compile(r"(\s*)!")
INSTALL = re.compile(r"(\s*)(?:pip3?|conda|mamba)\s++(?:install|uninstall|update|list|show)\b")
ASSIGNED = re.compile(r"(\s*)([A-Za-z_][\w., ]{0,80})=\s{0,9}([%!])(?!=)")
NAME = r"%{0,2}[\w.*]++"
QUESTION = re.compile(rf"(\s*)(?:\?{{1,2}}\s*+{NAME}|{NAME}\s*+\?{{1,2}})\s*+;?\s*+")

OUTSIDE = re.compile(r"""(?P<quote>\"{3}|'{3}|"|')|(?P<comment>\#)|(?P<open>[(\[{])|(?P<close>[)\]}])""")
INSIDE = {quote: re.compile(rf"(?:\\.|(?!{quote})[^\\])*+{quote}") for quote in ('"""', "'''", '"', "'")}


class Plain(Struct, frozen=True):
    """A cell as Python, and what of it was passed over. `runs` is False where the whole cell was."""

    source: str
    passed: tuple[str, ...] = ()
    runs: bool = True


def plain(source: str) -> Plain:
    """Make a cell plain Python. What is neither Python nor IPython stays, for its syntax error to be reported."""
    if flaw_in(source) is None:
        return Plain(source)
    lines = source.split("\n")
    passed: list[str] = []
    for at, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        magic = CELL_MAGIC.match(line)
        if not magic:
            break
        if magic[1] not in RUN_THE_CELL:
            return Plain("", (*passed, line.strip()), runs=False)
        lines[at] = ""
    rest = "\n".join(lines)
    if flaw_in(rest) is None:
        return Plain(rest, tuple(passed))
    return Plain("\n".join(_plain_lines(lines, passed)), tuple(passed))


def _plain_lines(lines: list[str], passed: list[str]) -> Iterator[str]:
    scan = Scan()
    continued = False  # a magic that goes on in the next line
    for line in lines:
        if continued:
            continued = line.endswith("\\")
            yield ""
            continue
        replaced = _plain_line(line) if scan.begins_statement else None
        if replaced is None:
            scan.feed(line)
            yield line
            continue
        continued = line.endswith("\\")
        text, is_passed = replaced
        if is_passed:
            passed.append(line.strip())
        scan.feed(text)
        yield text


def _plain_line(line: str) -> tuple[str, bool] | None:
    """Return the Python for a line that begins a statement, and whether it was passed over; None if it is no magic."""
    if found := LINE_MAGIC.fullmatch(line):
        indent, name, rest = found.groups()
        statement = OPTIONS.sub("", rest, count=1)
        if name in RUN_THE_LINE and statement.strip() and not statement.endswith("\\"):
            return indent + statement, False
        return f"{indent}pass", True
    if found := ASSIGNED.match(line):
        return f"{found[1]}{found[2].rstrip()} = {'[]' if found[3] == '!' else None}", True
    for pattern in (SHELL, INSTALL):
        if found := pattern.match(line):
            return f"{found[1]}pass", True
    if found := QUESTION.fullmatch(line):
        return f"{found[1]}pass", True
    return None


class Scan:
    """Follows strings and brackets from line to line, to know which lines begin a statement."""

    def __init__(self) -> None:
        self.quote = ""  # that closes the string we are in
        self.depth = 0
        self.joined = False  # the line before ended with a backslash

    @property
    def begins_statement(self) -> bool:
        """Whether the next line begins a statement."""
        return not self.quote and self.depth == 0 and not self.joined

    def feed(self, line: str) -> None:
        """Take note of a line."""
        at = 0
        while at < len(line):
            found = (INSIDE[self.quote].match if self.quote else OUTSIDE.search)(line, at)
            if found is None or found.lastgroup == "comment":
                break
            at = found.end()
            self._take(found)
        self.joined = line.endswith("\\") and not self.quote
        if len(self.quote) == 1 and not line.endswith("\\"):
            self.quote = ""  # an unfinished string ends with its line, and is a syntax error that others report

    def _take(self, found: re.Match[str]) -> None:
        if self.quote:
            self.quote = ""
        elif found.lastgroup == "quote":
            self.quote = found[0]
        else:
            self.depth = max(0, self.depth + (1 if found.lastgroup == "open" else -1))
