"""A notebook's cells made into one module, which runs them in order in the sandbox."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import Ungradable
from grader.intake.magics import plain
from grader.intake.names import listed, shown
from grader.intake.notebook import Cell, read_cells
from grader.intake.source import Module, flaw_in

TEMPLATE = '''"""A notebook, made into a module by the grader: its cells run in order, each on its own."""

from __grader_cells__ import run as __grader_run__
from __grader_standins__ import in_a_notebook as __grader_in_a_notebook__

__grader_in_a_notebook__()
__grader_notes__ = __grader_run__(
    [
%s
    ],
    globals(),
)
'''


def convert(data: bytes, name: str) -> Module:
    """Make a notebook a module.

    Raises:
        Ungradable: if this is no notebook, or none of its cells is Python.
    """
    cells = read_cells(data, name)
    kept: list[tuple[int, str]] = []
    magics: list[str] = []
    flaws: list[str] = []
    for cell in cells:
        if cell.is_test:
            continue
        made = plain(cell.source)
        magics += [f"`{shown(line)}` (cell {cell.number})" for line in made.passed]
        if flaw := flaw_in(made.source):
            flaws.append(f"cell {cell.number} has {flaw}")
        elif made.runs:
            kept.append((cell.number, made.source))
    if not kept:
        why = f"none that is Python: {flaws[0]}" if flaws else "none of your own to run: hand in the one that you wrote"
        raise Ungradable(f"{name} has code cells, but {why}")
    notes = (*_notes(cells, magics), *(f"{flaw}: it was passed over" for flaw in flaws))
    return Module(_from_cells(kept), "\n".join(source for _, source in kept), notes, from_notebook=True)


def _from_cells(cells: Sequence[tuple[int, str]]) -> bytes:
    return (TEMPLATE % "\n".join(f"        ({number}, {source!a})," for number, source in cells)).encode()


def _notes(cells: Sequence[Cell], magics: Sequence[str]) -> list[str]:
    notes = [f"what only IPython understands was passed over: {listed(magics, most=8)}"] if magics else []
    tests = [f"cell {cell.number}" for cell in cells if cell.is_test]
    return notes + ([f"nbgrader's own tests were passed over: {listed(tests, most=12)}"] if tests else [])
