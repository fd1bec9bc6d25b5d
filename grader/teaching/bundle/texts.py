"""What can be read in a file that is handed out: its text, a notebook's cells and outputs, the files of a zip."""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

import nbformat
from msgspec import Struct

OF_LAYOUT = re.compile(r"^[\s#>]+", re.MULTILINE)  # a comment, a quotation in Markdown, a prompt


class Text(Struct, frozen=True):
    """A text, and where it stands: `README.md`, or `lab.ipynb, cell 3`."""

    where: str
    text: str
    lined: bool = True  # its lines can be counted by whoever looks for them

    def place(self, line: int) -> str:
        """Name a line of it."""
        return f"{self.where}, line {line}" if self.lined else self.where


class Squeezed:
    """A text without what layout changes: white space, commas, kinds of quotes, comment signs."""

    def __init__(self, text: Text) -> None:
        lines = [squeezed(line) for line in text.text.splitlines()]
        self.place = text.place
        self.characters = "".join(lines)
        self._ends = [*accumulate(len(line) for line in lines)]

    def line_of(self, passage: str) -> int | None:
        """Return the line in which a squeezed passage begins, counted from 1, or None if it is not there."""
        at = self.characters.find(passage)
        return None if at < 0 else bisect_right(self._ends, at) + 1


def squeezed(code: str) -> str:
    """Return code as it is looked for, of however many lines."""
    return re.sub(r"[\s,]+", "", OF_LAYOUT.sub("", code)).replace("'", '"')


def texts(name: str, data: bytes) -> Iterator[Text]:
    """Yield what can be read in a file; what is no text is read byte by byte, for names and paths stand there too."""
    if name.endswith(".ipynb") and (book := _notebook(data)) is not None:
        yield from _of_a_notebook(name, book)
    elif zipfile.is_zipfile(io.BytesIO(data)):
        for inside, content in members(data).items():
            yield from texts(f"{name}: {inside}", content)
    else:
        yield Text(name, _decoded(data))


def members(data: bytes) -> Mapping[str, bytes]:
    """Return the files of a zip, which `.npz` and torch's `.pt` are too; of anything else, none."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {each.filename: archive.read(each) for each in archive.infolist() if not each.is_dir()}


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _notebook(data: bytes) -> Any:
    try:
        return nbformat.reads(data.decode(), as_version=4)  # type: ignore[no-untyped-call]
    except Exception:  # nbformat raises what it likes; then the file is a text as any other
        return None


def _of_a_notebook(name: str, book: Any) -> Iterator[Text]:
    yield Text(f"{name}, metadata", "\n".join(_strings(book.metadata)), lined=False)
    for number, cell in enumerate(book.cells, 1):
        yield Text(f"{name}, cell {number}", cell.source)
        rest = [cell.metadata, cell.get("attachments", {}), cell.get("outputs", [])]
        yield Text(f"{name}, beside cell {number}", "\n".join(_strings(rest)), lined=False)


def _strings(tree: Any) -> Iterator[str]:
    """Yield every text in a tree of JSON, with the line ends that it has."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            yield key
            yield from _strings(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _strings(item)
