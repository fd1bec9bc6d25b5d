"""How much a submission may be. Sizes are bytes."""

from __future__ import annotations

from grader.model import MB

MODULE = MB // 2  # one .py, or the code of one notebook: ten thousand lines. Its syntax tree takes 800 times as much
NOTEBOOK = 200 * MB  # with its saved outputs, which are dropped
DATA = 1 * MB  # any other file that comes along
CARRIED = 16 * MB  # all that comes along
ARCHIVE = 200 * MB  # an archive as it was handed in
UNPACKED = 300 * MB  # all that an archive or a folder holds
FILES = 2000  # in an archive or a folder
ENTRIES = 20_000  # in an archive, with those that are passed over, such as a .git folder
DEPTH = 20  # folders within folders
CELLS = 2000  # code cells in a notebook
HEADER = 64 * 1024  # in a tar archive, what describes one file: its long name, its times
PARSED_HERE = 32 * 1024  # of source: a larger one is parsed in a process of its own, see `bounded`
NOTEBOOK_HERE = 4 * MB  # likewise: what is made of its cells could take 40 times as much


def size(number: float) -> str:
    """Write a size as a person would: 512 kB, 1.5 MB."""
    units = ["bytes", "kB", "MB", "GB"]
    while number >= 1024 and len(units) > 1:
        number /= 1024
        units.pop(0)
    return f"{number:.1f}".removesuffix(".0") + f" {units[0]}"
