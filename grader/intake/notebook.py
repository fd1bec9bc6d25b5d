"""Reading notebooks of any format: the cells' code, and never what they put out.

Saved outputs can be fifty megabytes. They are skipped while the file is read, so that no object is made of them.
A file of that size is read in a process of its own: of empty cells, it would make objects of two gigabytes.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct, field

from grader.errors import Ungradable
from grader.intake import bounded, limits

# Strings, which may be without their end and are left alone, and then such a number.
NOT_JSON = re.compile(rb'(?:[^"NI]++|"(?:[^"\\]++|\\.)*+"?+)*+(NaN|Infinity)', re.DOTALL)
PYTHON = re.compile(r"i?python", re.IGNORECASE)


class Nbgrader(Struct, frozen=True):
    """What nbgrader says of a cell."""

    grade: bool = False
    solution: bool = False


class CellMetadata(Struct, frozen=True):
    """The part of a cell's metadata that decides whether it is run."""

    nbgrader: Nbgrader | None = None


class CellInFile(Struct, frozen=True):
    """A cell as a file has it: `source` in format 4, `input` before."""

    cell_type: str
    source: str | list[str] | None = None
    input: str | list[str] | None = None
    metadata: CellMetadata | None = None


class Language(Struct, frozen=True):
    """The language of a notebook's kernel."""

    name: str = ""


class Metadata(Struct, frozen=True):
    """The part of a notebook's metadata that says whether it is Python."""

    language_info: Language | None = None


class Worksheet(Struct, frozen=True):
    """What format 3 had around its cells."""

    cells: list[CellInFile] = field(default_factory=list)


class NotebookInFile(Struct, frozen=True):
    """A notebook as a file has it, without what is not needed."""

    nbformat: int
    cells: list[CellInFile] = field(default_factory=list)
    worksheets: list[Worksheet] = field(default_factory=list)
    metadata: Metadata | None = None


class Cell(Struct, frozen=True):
    """A code cell. `number` counts the code cells that are not empty: what "Restart and Run All" writes beside it."""

    number: int
    source: str
    is_test: bool = False  # one of nbgrader's own


def read_cells(data: bytes, name: str) -> tuple[Cell, ...]:
    """Return the code cells that are not empty, in the order of the document.

    Raises:
        Ungradable: if this is no notebook, not in Python, has no code, or more than anybody writes.
    """
    if len(data) <= limits.NOTEBOOK_HERE:
        return cells_in(data, name)
    try:
        said = msgspec.msgpack.decode(bounded.ask("cells", data, name), type=tuple[Cell, ...] | str)
    except bounded.Exceeded as error:
        raise Ungradable(f"{name} {error}: clear its outputs and save it again") from None
    if isinstance(said, str):
        raise Ungradable(said)
    return said


def cells_in(data: bytes, name: str) -> tuple[Cell, ...]:
    """Do what `read_cells` does, in this process."""
    if not data.strip():
        raise Ungradable(f"{name} is empty: hand in the notebook that you wrote")
    notebook = _decode(data, name)
    said = notebook.metadata and notebook.metadata.language_info
    language = said.name if said else ""
    if language and not PYTHON.match(language):
        raise Ungradable(f"{name} is a notebook in {language}: hand in one in Python")
    every = [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]
    code = [cell for cell in every if cell.cell_type == "code" and _source(cell).strip()]
    if not code:
        raise Ungradable(f"{name} has no code cells: hand in the notebook that you wrote")
    cells = tuple(Cell(number, _source(cell), _is_test(cell)) for number, cell in enumerate(code, 1))
    if len(cells) > limits.CELLS:
        raise Ungradable(f"{name} has more than {limits.CELLS} code cells: hand in only your own work")
    if sum(len(cell.source.encode("utf-8", "replace")) for cell in cells) > limits.MODULE:
        raise Ungradable(f"{name} has more than {limits.size(limits.MODULE)} of code: keep data out of its cells")
    return cells


def _source(cell: CellInFile) -> str:
    said = cell.source or cell.input or ""
    text = said if isinstance(said, str) else "".join(said)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_test(cell: CellInFile) -> bool:
    """Say whether a cell is one of nbgrader's tests: it has points, and the student is not to write in it."""
    said = cell.metadata and cell.metadata.nbgrader
    return bool(said and said.grade and not said.solution)


def _decode(data: bytes, name: str) -> NotebookInFile:
    data = data.removeprefix(b"\xef\xbb\xbf")
    problem = f"{name} is not a notebook: save it in Jupyter and hand in that file"
    try:
        return _decode_strictly(data)
    except UnicodeDecodeError:
        raise Ungradable(f"{name} is not UTF-8: save it in Jupyter and hand in that file") from None
    except (msgspec.MsgspecError, RecursionError):
        raise Ungradable(problem) from None


def _decode_strictly(data: bytes) -> NotebookInFile:
    """Decode JSON, and where that fails what Python's json writes and JSON does not have: NaN and Infinity."""
    try:
        return msgspec.json.decode(data, type=NotebookInFile)
    except msgspec.DecodeError:
        if b"NaN" not in data and b"Infinity" not in data:
            raise
        return msgspec.json.decode(_with_zeros(data), type=NotebookInFile)


def _with_zeros(data: bytes) -> bytearray:
    """Write 0 for each number that JSON does not have, in place: a list of the pieces would take 50 times as much."""
    written = bytearray(data)
    at = 0
    while found := NOT_JSON.match(data, at):
        start, at = found.span(1)
        written[start:at] = b"0".ljust(at - start)
    return written
