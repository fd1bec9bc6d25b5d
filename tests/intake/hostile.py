"""Files as hostile students hand them in: of the right form, of which every field may be a lie."""

from __future__ import annotations

import gzip
import io
import json
import stat
import struct
import tarfile
import zipfile

from hypothesis import strategies as st

from tests.fuzzing import damaged
from tests.intake.handed_in import WORK, notebook

# ---- names -----------------------------------------------------------------------------------------------------

ODD = [
    "tiny.py", "tiny.ipynb", "b.py", "sub/tiny.py", "tiny.py/x", "sub", "../x.py", "/x.py", "C:x.py", "a\\b.py", ".x",
    "", "é.py", "\u202e.py", "a\nb.py", "\0.py", "x" * 300 + ".py", "d/" * 25 + "x.py", "tiny.PY", "con.py", "data.bin",
    "__init__.py", "IPython.py", "IPython/x", "__grader_cells__.py/x", "ada.zip",
]  # fmt: skip
NAMES = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=6)

# ---- modules ---------------------------------------------------------------------------------------------------

CODINGS = [
    "utf-8",
    "latin-1",
    "gbk",
    "utf-16",
    "utf-7",
    "punycode",
    "rot13",
    "undefined",
    "idna",
    "x" * 50,
    "utf-8-sig",
]
MARKS = [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0", b"#!\n", b"{", b"\x0c"]
FRAGMENTS = [
    "def f(x):", "return", "x", "=", "(", ")", "[", "]", "{", "}", ":", ",", "\n", "\r", "\r\n", "\\\n", "\t", "  ",
    "\f", '"', "'", '"""', "'''", "f'", "f\"{", "!r", "\\", "\\N{", "#", "# coding: gbk", "lambda", "if", "else", "@",
    "*", "**", "1", "0x", "1e999", "9" * 5000, "1_", "async", "await", "match x:", "case", "import a.b",
    "from . import", "...", "é", "%", "%%", "!", "?", "%time", "%%time", "%%bash", "!ls", "pip install", "x?", "??",
    "-n 5",
    "x = !ls", "x = %x", "\u2028", "\x00", "\x1c", '"nbformat"', "None", "global", "type", ";", "->", ":=", "~",
    "not", "\ufeff",
]  # fmt: skip
SOURCES = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=2), max_size=25).map("".join)
CODED = st.builds(
    lambda mark, coding, text: mark + f"# -*- coding: {coding} -*-\n{text}".encode("utf-8", "replace"),
    st.sampled_from(MARKS),
    st.sampled_from(CODINGS),
    SOURCES,
)
MODULES = st.one_of(
    st.binary(max_size=60),
    SOURCES.map(lambda text: text.encode("utf-8", "replace")),
    CODED,
    damaged(CODED),
    damaged(st.just(WORK.encode())),
)

# ---- notebooks -------------------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just(10**400)
KEYS = st.sampled_from(
    [
        "nbformat", "cells", "worksheets", "metadata", "cell_type", "source", "input", "nbgrader", "grade", "solution",
        "language_info", "name", "outputs",
    ]
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.just("code") | JSON, "source": SOURCES | st.lists(SOURCES, max_size=3) | JSON},
    optional={"metadata": JSON, "outputs": JSON, "input": JSON},
)
ODD_NOTEBOOKS = st.fixed_dictionaries(
    {"nbformat": st.just(4) | JSON, "cells": st.lists(CELLS | JSON, max_size=4) | JSON},
    optional={
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=2)})) | JSON,
        "metadata": JSON,
    },
)
WRITTEN = ODD_NOTEBOOKS.map(lambda tree: json.dumps(tree).encode())
TOKENS = [b'"', b"\\", b'\\"', b"NaN", b"-Infinity", b"Infinity", b"N", b"I", b"[", b"]", b"{", b"}", b",", b":", b"1"]
TOKENS += [b"1e999", b"9" * 5000, b"\\ud800", b"\\u0000", b"\xff", b"\xef\xbb\xbf", b'"nbformat":4', b'"cells":', b"\n"]
NOTEBOOKS = st.one_of(
    WRITTEN,
    damaged(WRITTEN),
    damaged(SOURCES.map(notebook)),
    st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join),
    st.lists(st.sampled_from(TOKENS), max_size=15).map(lambda some: b'{"nbformat":4,"o":NaN,' + b"".join(some) + b"}"),
)

# ---- archives --------------------------------------------------------------------------------------------------

CONTENT = st.sampled_from([WORK.encode(), b"", b"x" * 2000, notebook(WORK)]) | MODULES
MODES = st.sampled_from(
    [0, stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, 2**16 - 1]
)


@st.composite
def zips(draw: st.DrawFn) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
        written = set()
        for name in draw(st.lists(NAMES, max_size=5)):
            info = zipfile.ZipInfo(name.partition("\0")[0])
            if info.filename in written:
                continue
            written.add(info.filename)
            info.external_attr = draw(MODES) << 16
            info.extra = draw(st.binary(max_size=8) | st.just(struct.pack("<HHQQ", 1, 16, 2**60, 2**60)))
            archive.writestr(info, draw(CONTENT))
        archive.comment = draw(st.sampled_from([b"", b"PK\5\6", b"x" * 65_515, b"PK\6\7" + bytes(40)]))
    return out.getvalue()


@st.composite
def tar_headers(draw: st.DrawFn) -> bytes:
    """One member with its content: its kind, its size and its times are what was drawn."""
    info = tarfile.TarInfo(draw(NAMES)[:90].encode("ascii", "replace").decode())
    content = draw(
        CONTENT | st.just(b"13 path=a.py\n") | damaged(st.just(b"13 path=a.py\n17 mtime=1.5e300\n9 size=3\n"))
    )
    info.type = draw(
        st.sampled_from([b"0", b"\0", b"1", b"2", b"3", b"5", b"6", b"7", b"x", b"X", b"g", b"L", b"K", b"S", b"?"])
    )
    info.size = draw(st.just(len(content)) | st.sampled_from([0, 1, 512, 2**33, 2**60, -1]))
    info.mtime = draw(st.sampled_from([0, 1, 2**32, 2**60]))
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT, "utf-8", "replace"))
    if draw(st.integers(0, 9)) == 0:
        block[draw(st.integers(0, 511))] ^= 0xFF
        block[148:156] = b"%06o\0 " % sum(block[:148] + b" " * 8 + block[156:])
    return bytes(block[:512]) + content + bytes(-len(content) % 512)


TARS = st.lists(tar_headers(), max_size=5).map(lambda parts: b"".join(parts) + bytes(1024))
TGZS = st.one_of(TARS, damaged(TARS)).map(lambda data: gzip.compress(data, 1))
ARCHIVES = {
    ".zip": st.one_of(st.binary(max_size=80), zips(), damaged(zips())),
    ".tgz": st.one_of(st.binary(max_size=80), TGZS, damaged(TGZS), st.lists(TGZS, max_size=3).map(b"".join)),
}
