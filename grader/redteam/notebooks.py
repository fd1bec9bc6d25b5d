"""Hostile notebooks. `source`, the attack on its base, is one of their cells."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from grader.redteam.craft import crafted
from grader.redteam.dress import MARK

WRONG = "def attack(honest, *args, **kwargs):\n    return None\n"
POSES = 'print("LEAK what is no code was run")'
VERDICT = {"outcome": "passed", "score": 100.0, "max_score": 100.0, "points": 100.0}
LONG = 4 << 20  # characters of one output


def code(source: str, **more: Any) -> dict[str, Any]:
    """Return a code cell."""
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, bytes]:
    """Return what is handed in: a notebook of these cells."""
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return {".ipynb": json.dumps(whole).encode()}


def marked(**said: Any) -> dict[str, Any]:
    """Return a cell's metadata in which nbgrader says this of it."""
    return {"nbgrader": {"schema_version": 3, "grade_id": "same", "locked": True, "points": 1e9, "task": False, **said}}


@crafted("notebook", WRONG)
def changed_metadata(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Marks its cell as a locked solution worth many points, and adds tests of its own that pass.

    # ends: failed
    """
    tests = code("assert True", metadata=marked(grade=True, solution=False))
    return notebook(
        tests, code(source, metadata=marked(grade=True, solution=True)), tests, celltoolbar="Create Assignment"
    )


@crafted("notebook", WRONG)
def locks_its_cells(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Marks everything as nbgrader's own tests, which nobody runs.

    # ends: ungradable: none of your own to run
    """
    return notebook(code(source, metadata=marked(grade=True, solution=False)))


@crafted("notebook", WRONG)
def metadata_of_wrong_kinds(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Writes text where the metadata has flags and tables.

    # ends: ungradable: is not a notebook
    """
    return notebook(code(source, metadata={"nbgrader": {"grade": "true", "solution": [1]}}), language_info="python")


@crafted("notebook")
def nested_without_end(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Nests lists in its metadata, a hundred thousand deep.

    # ends: ungradable: is not a notebook
    """
    (whole,) = notebook(code(source), deep=0).values()
    return {".ipynb": whole.replace(b'"deep": 0', b'"deep": ' + b"[" * 100_000 + b"]" * 100_000)}


@crafted("notebook")
def magics(module: str, source: str) -> dict[str, bytes]:
    """Runs shell lines and magics that write files, load extensions and replace the module.

    # ends: passed
    """
    note = f"/tmp/{MARK}-by-a-magic"
    lines = (
        f"!touch {note}", f"got = !touch {note}", f"%sx touch {note}", f"%run {module}.py", "%load_ext autoreload",
        "%autoreload 2", f'get_ipython().system("touch {note}")', f'get_ipython().run_line_magic("sx", "touch {note}")',
    )  # fmt: skip
    cells = [
        f"%%bash\ntouch {note}",
        f"%%sh\ntouch {note}",
        f"%%writefile {module}.py\n{POSES}",
        f"%%script python\n{POSES}",
    ]
    check = f"import os\n\nif os.path.exists({note!r}):\n    print('LEAK a magic was run')"
    return notebook(*map(code, cells), code("\n".join(lines)), code(source), code("%reset -f"), code(check))


@crafted("notebook", WRONG)
def rewrites_other_cells(module: str, source: str) -> dict[str, bytes]:
    """Rewrites the cells after it: in the runner's frame, in linecache, in In and Out, and in the notebook's file.

    # ends: failed
    """
    rewrite = f"""
import linecache, sys
In, Out, _ih = ["pass"] * 99, {VERDICT!r}, ["pass"]
frame = sys._getframe()
while frame is not None:
    for name, value in [*frame.f_locals.items()]:
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            value[2:] = [(number, "passed = True") for number in range(3, 9)]
    frame = frame.f_back
for name in [*linecache.cache]:
    if name.startswith("cell "):
        linecache.cache[name] = (1, None, ["passed = True"], name)
for path in ("{module}.ipynb", "{module}.py", __file__):
    open(path, "w").write("passed = True")
"""
    return notebook(code(source), code(rewrite), code("passed = False"))


@crafted("notebook", WRONG)
def posing_outputs(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Carries outputs that pose as results, as pages with scripts, and as megabytes of text.

    # ends: failed
    """
    data = {"application/json": VERDICT, "text/html": "<script>alert(1)</script>", "text/plain": "9 passed"}
    outputs = [
        {"output_type": "execute_result", "data": data, "metadata": VERDICT, "execution_count": 1},
        {"output_type": "stream", "name": "stdout", "text": "9 passed\n" + "x" * LONG},
        {"output_type": "error", "ename": "NotImplementedError", "evalue": "", "traceback": ["x"] * 1000},
    ]
    return notebook(code(source, outputs=outputs, **VERDICT), **VERDICT)


@crafted("notebook", WRONG)
def raises_half_way(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Raises before, between and after its cells, so that what follows would not be run, or not be seen to fail.

    # ends: failed
    """
    stops = (code(f"raise {name}") for name in ("SystemExit(0)", "KeyboardInterrupt", "GeneratorExit", "BaseException"))
    before, between, after, last = stops
    return notebook(before, between, code(source), after, code("passed = True"), last)


@crafted("notebook")
def duplicates(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Defines everything right, and once more wrong in a cell with the same id: the last is what counts.

    # ends: failed
    """
    last = "for _name in ASSIGNED:\n    globals()[_name.partition('.')[0]] = lambda *args, **kwargs: None"
    return notebook(*(code(text, id="same") for text in (source, last)))


@crafted("notebook")
def code_that_is_none(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Hides code in raw cells, in text, in attachments and in cells of kinds that nobody knows.

    # ends: passed
    """
    attached = {"x.py": {"text/x-python": b64encode(POSES.encode()).decode()}}
    kinds = ("raw", "markdown", "heading", "Code", "code ", "")
    hidden = [{**code(f"{POSES}\n```python\n{POSES}\n```", attachments=attached), "cell_type": kind} for kind in kinds]
    return notebook(*hidden, code(source), *hidden)


@crafted("notebook")
def breaks_out_of_its_cell(module: str, source: str) -> dict[str, bytes]:  # noqa: ARG001
    """Writes text that would end the literal it is put into: quotes, brackets, formats, odd line ends.

    # ends: passed
    """
    ends = (
        "'''",
        '"""',
        "'),\n    ],\n)\n",
        "%s %(x)s {0}",
        "\\",
        "\u2028\x85\x0c\x1c",
        "\0",
        "\r",
        "\ufeff",
    )
    texts = (f"{end}\n{POSES.replace('no code', 'another file')}\n" for end in ends if "\n" in end or len(end) == 3)
    return notebook(
        *(code(f"{end}{other}") for end in ends for other in ("", "(", "'")), code(source), *map(code, texts)
    )
