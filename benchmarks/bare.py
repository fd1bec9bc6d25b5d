"""The bare work: the same checks and student code in one warm process, torch already imported. No walls, no report.

`python -m benchmarks.bare FOLDER ANSWER` writes to a file what it used after it was warm. Each submission gets a fork
of the warm process, so that none sees another's names: the least that a grader can do. With `--huge-pages` the process
is packed first as the grader packs its own, which makes forks cheaper; with `--no-fork` there are none. Nothing keeps
student code from the answers here.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import ModuleType

import msgspec
import torch
from msgspec import Struct

from benchmarks.classroom import MODULE, SOLUTION
from grader.wire.linux import collapse_memory
from grader.wire.warm import warm_up


class Work(Struct, frozen=True):
    """What a class took, and every student's points."""

    cpu: float
    seconds: float
    scores: dict[str, float]


def main() -> None:
    """Grade the notebooks of a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("answer", type=Path)
    parser.add_argument("--no-fork", action="store_true")
    parser.add_argument("--huge-pages", action="store_true")
    asked = parser.parse_args()
    grade = grader()
    one = grade if asked.no_fork else lambda path: forked(grade, path)
    gc.collect()
    gc.freeze()
    if asked.huge_pages:
        collapse_memory()
    before, clock = used(), time.monotonic()
    scores = {path.stem: one(path) for path in sorted(asked.folder.glob("*.ipynb"))}
    asked.answer.write_bytes(msgspec.json.encode(Work(used() - before, time.monotonic() - clock, scores)))


def used() -> float:
    """Return the CPU seconds of this process and of the children that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in spent)


def grader() -> Callable[[Path], float]:
    """Warm up as the grader's own zygote does, and return what gives a notebook its points."""
    warm_up()
    sys.path.insert(0, str(SOLUTION))
    import plain

    reference = __import__(MODULE)
    return lambda path: points(path, plain, reference)


def points(path: Path, plain: ModuleType, reference: ModuleType) -> float:
    """Run a notebook's cells, then the checks on what they defined."""
    student = ModuleType(MODULE)
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing):
        for cell in json.loads(path.read_bytes())["cells"]:
            if cell["cell_type"] == "code":
                with suppress(Exception):
                    exec(compile("".join(cell["source"]), path.name, "exec"), vars(student))
    passed: set[str] = set()
    for name in plain.POINTS:
        seed = hashlib.sha256(f"{path.stem} {name}".encode()).digest()
        rng = torch.Generator().manual_seed(int.from_bytes(seed[:7], "little"))
        with suppress(Exception):
            plain.run(name, student, reference, rng, passed)
    return float(sum(plain.POINTS[name] for name in passed))


def forked(grade: Callable[[Path], float], path: Path) -> float:
    """Grade in a fork of this process."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, str(grade(path)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return float(text)


if __name__ == "__main__":
    main()
