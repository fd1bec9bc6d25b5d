"""Which of our own files travel with a submission: what runs a notebook's cells, and what stands in for libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from grader.intake.names import MODULE, listed, suffix
from grader.intake.source import Module

INSIDE = Path(__file__).parent / "inside"
CELLS, STANDINS = "__grader_cells__.py", "__grader_standins__.py"
STAND_IN = b"import __grader_standins__\n\n__grader_standins__.stand_in(__name__)\n"

SHOWING = {"IPython", "google", "ipywidgets", "matplotlib", "mpl_toolkits", "plotly", "seaborn", "tqdm", "wandb"}
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)|import[ \t]+([^#;\n]{1,200}))", re.MULTILINE)


def travelling(module: Module, beside: Mapping[str, bytes]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return our files for a module and those beside it, and what is to be said about them.

    A library that only shows something, and is not installed here, gets a stand-in: without it the whole module,
    or the whole cell with its functions, would be lost to `import matplotlib.pyplot as plt`.
    """
    missing = sorted(name for name in _imported(module, beside) & SHOWING if not _is_there(name, beside))
    files = {f"{name}.py": STAND_IN for name in missing}
    if missing or module.from_notebook:
        files[STANDINS] = (INSIDE / "standins.py").read_bytes()
    if module.from_notebook:
        files[CELLS] = (INSIDE / "cells.py").read_bytes()
    if not missing:
        return files, ()
    one = len(missing) == 1
    rest = "is not installed here: a stand-in that shows" if one else "are not installed here: stand-ins that show"
    return files, (f"{listed(missing)} {rest} nothing {'was' if one else 'were'} imported",)


def _imported(module: Module, beside: Mapping[str, bytes]) -> set[str]:
    """Return the first part of every name that is imported by the looks of it."""
    others = (data.decode("utf-8", "replace") for name, data in beside.items() if suffix(name) == MODULE)
    return {name for source in (module.code, *others) for name in _imported_by(source)}


def _imported_by(source: str) -> Iterator[str]:
    for origin, several in IMPORT.findall(source):
        for dotted in (origin or several).split(","):
            yield dotted.strip().partition(" ")[0].partition(".")[0]


def _is_there(name: str, beside: Mapping[str, bytes]) -> bool:
    """Say whether a library is installed, or a student's own file has its name."""
    own = any(file == f"{name}.py" or file.startswith(f"{name}/") for file in beside)
    return own or find_spec(name) is not None
