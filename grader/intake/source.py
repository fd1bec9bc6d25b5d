"""Examining Python source: parsed for its syntax, and neither compiled nor run.

A compiler can be made to take gigabytes (it copies each `finally` block wherever its `try` may be left). So can a
parser: half a megabyte of `import a.a.a` takes CPython's thirty, and an f-string of that size takes it 17 seconds.
A large source is parsed in a process of its own, which ends where it takes too much.
"""

from __future__ import annotations

import ast
import codecs
import io
import json
import tokenize
import warnings

import msgspec
from msgspec import Struct

from grader.errors import Ungradable
from grader.intake import bounded, limits
from grader.intake.names import shown

TEXT = {
    "utf-8", "utf-8-sig", "ascii", "iso8859-1", "iso8859-15", "cp1251", "cp1252", "koi8-r",
    "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
}  # fmt: skip
UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Module(Struct, frozen=True):
    """What is imported, the student's own code in it as text, and a sentence for each thing that was passed over."""

    source: bytes
    code: str
    notes: tuple[str, ...] = ()
    from_notebook: bool = False


class Flaw(Struct, frozen=True):
    """What is wrong with a source, and in which line (0: not known)."""

    problem: str
    line: int = 0
    text: str = ""

    def __str__(self) -> str:
        at = f" at line {self.line}" if self.line else ""
        quoted = f": `{self.text}`" if self.text else ""
        return f"a syntax error{at} ({self.problem}){quoted}"


def examine(data: bytes, name: str) -> Module:
    """Return a module that is what was handed in; an Ungradable, which says the line, if that is no Python."""
    text = read_text(data, name)
    if not text.strip():
        raise Ungradable(f"{name} is empty: hand in the file that you wrote")
    if text.lstrip().startswith("{") and is_notebook(data):
        raise Ungradable(f"{name} holds a notebook: give it a name that ends in .ipynb")
    if flaw := flaw_in(data):
        raise Ungradable(f"{name} has {flaw}")
    return Module(data, text)


def read_text(data: bytes, name: str) -> str:
    """Decode Python source as Python does, a coding line (PEP 263) and a byte order mark included."""
    if data.startswith(UTF16):
        raise Ungradable(f"{name} is saved as UTF-16: save it as UTF-8")
    if b"\0" in data:
        raise Ungradable(f"{name} holds null bytes, so it is not Python: hand in the file that you wrote")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        encoding = "utf-8" if "unknown encoding" not in str(error) else ""
    try:
        if codecs.lookup(encoding).name not in TEXT:  # punycode and its like take seconds, or say what is no position
            raise LookupError(encoding)
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Ungradable(f"{name} is not {encoding.upper()} (line {line}): save it as UTF-8") from None
    except LookupError:
        raise Ungradable(f"{name} names an encoding that is not known here: save it as UTF-8") from None


def flaw_in(source: str | bytes) -> Flaw | None:
    """Return what keeps this from being Python."""
    if len(source) <= limits.PARSED_HERE:
        return parsed(source)
    kind, data = ("text", source.encode()) if isinstance(source, str) else ("bytes", source)
    try:
        return msgspec.msgpack.decode(bounded.ask(kind, data), type=Flaw | None)
    except bounded.Exceeded as error:
        return Flaw(f"it {error}")


def parsed(source: str | bytes) -> Flaw | None:
    """Do what `flaw_in` does, in this process. Warnings, such as for '\\d' in a string, are nobody's concern here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        return Flaw(shown(error.msg), error.lineno or 0, shown(error.text or ""))
    except (RecursionError, MemoryError):
        return Flaw("it is nested too deeply")
    except ValueError as error:
        return Flaw(shown(str(error)))
    return None


def is_notebook(data: bytes) -> bool:
    """Say whether these bytes are a notebook's, whatever the file is called."""
    if b'"nbformat"' not in data:
        return False
    try:
        return "nbformat" in json.loads(data)
    except (ValueError, RecursionError):
        return False
