"""Small files that would become large ones: what a loader takes is bounded, whatever they say.

Each is loaded in a process of its own, which says how much memory it and the processes that it started have had.
"""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.intake import bounded, limits
from tests.intake.handed_in import WORK, write, zipped
from tests.plugins.test_grader_archive import entry

MB = 1 << 20
HERE = limits.UNPACKED + 100 * MB  # for the program's own process
GUARD = 8 << 30  # where a bound does not hold, this machine lives on
LOAD = """
import json, resource, sys
from pathlib import Path
from grader.errors import Ungradable
from tests.intake.handed_in import load
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
def most():  # not of getrusage, which a process has from the one that started it
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024
before = most()
try:
    load(Path(sys.argv[1]))
    said = "loaded"
except Ungradable as error:
    said = error.problem
print(json.dumps([said, most() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024]))
"""


def zeros(path: Path, size: int, head: bytes = b"") -> Path:
    with gzip.open(path, "wb", 9) as file:
        file.write(head)
        for _ in range(size // MB):
            file.write(bytes(MB))
    return path


def zip_of_zips(path: Path) -> Path:
    """Ten archives in each of ten, four times over."""
    inner = b"x" * MB
    for _ in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    return write(path, inner)


def zip_of_one_place(path: Path) -> Path:
    """Two thousand files that are all the same bytes of the archive."""
    zipped(path, {"000000.bin": bytes(2 * MB)})
    data = path.read_bytes()
    at = data.index(b"PK\1\2")
    one, end = data[at:-22], bytearray(data[-22:])
    every = b"".join(one.replace(b"000000", b"%06d" % number) for number in range(2000))
    end[8:12] = (2000).to_bytes(2, "little") * 2
    end[12:16] = len(every).to_bytes(4, "little")
    return write(path, data[:at] + every + bytes(end))


def pax_of_gigabytes(path: Path) -> Path:
    header = entry("x", size=limits.UNPACKED // 2, type=tarfile.XHDTYPE).tobuf(tarfile.GNU_FORMAT)
    return zeros(path, limits.UNPACKED // 2, header)


def notebook_of(part: bytes, times: int) -> bytes:
    return b'{"nbformat": 4, "cells": [' + part * times + b'{"cell_type": "code", "source": "x = 1"}]}'


CELL = b'{"cell_type":"code","source":"x"},'
LONG_NAME = "import a" + ".a" * 250_000
BOMBS = {
    "zeros.tgz": (lambda path: zeros(path, 1024 * MB), "is empty"),
    "member.tgz": (lambda path: zeros(path, 1024 * MB, entry("x.bin", size=1 << 30).tobuf()), "unpacks to more than"),
    "pax.tgz": (pax_of_gigabytes, "is damaged"),
    "zips.zip": (zip_of_zips, "holds no tiny.py"),
    "place.zip": (zip_of_one_place, "unpacks to more than"),
    "notebook.zip": (lambda path: zipped(path, {"tiny.ipynb": notebook_of(b" " * MB, 150)}), "loaded"),
    "notebooks.zip": (
        lambda path: zipped(path, {f"{n}.ipynb": notebook_of(b" " * MB, 29) for n in range(10)}),
        "10 files that could be meant",
    ),
    "cells.ipynb": (lambda path: write(path, notebook_of(CELL, 1_000_000)), "more than 2000 code cells"),
    "empty.ipynb": (lambda path: write(path, notebook_of(b'{"cell_type":""},', 2_000_000)), "loaded"),
    "sheets.ipynb": (
        lambda path: write(path, b'{"nbformat":4,"worksheets":[' + b"{}," * 20_000_000),
        "to read",
    ),
    "deep.ipynb": (lambda path: write(path, b'{"nbformat": 4, "o": ' + b'[{"a":' * 5_000_000), "is not a notebook"),
    "digits.ipynb": (lambda path: write(path, b'{"nbformat": ' + b"9" * 3_000_000 + b"}"), "is not a notebook"),
    "import.py": (lambda path: write(path, LONG_NAME), "has a syntax error"),
    "import.ipynb": (lambda path: write(path, json.dumps(_notebook(LONG_NAME))), "none that is Python"),
    "parentheses.py": (lambda path: write(path, "(" * 500_000), "has a syntax error"),
    "deep.py": (lambda path: write(path, "-" * 500_000 + "1"), "nested too deeply"),
    "plain.py": (lambda path: write(path, WORK + "a;" * 250_000), "loaded"),
}


def _notebook(source: str) -> dict[str, object]:
    return {"nbformat": 4, "cells": [{"cell_type": "code", "source": source}]}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_loaded_or_ungradable_within_the_bounds(tmp_path, name):
    make, sentence = BOMBS[name]
    make(tmp_path / name)
    command = [sys.executable, "-c", LOAD, str(tmp_path / name), str(GUARD)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    said, here, apart = json.loads(done.stdout)
    assert sentence in said
    assert here < HERE
    assert apart < bounded.MEMORY


def test_the_bound_of_the_process_apart_is_eight_times_the_largest_file():
    assert bounded.MEMORY <= 8 * limits.NOTEBOOK
