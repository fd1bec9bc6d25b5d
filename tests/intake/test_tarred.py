"""Tar archives, header by header: what describes a file is a student's too."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest

from grader.errors import Ungradable
from grader.intake import limits
from grader.intake.archive import newest, read_archive
from tests.intake.handed_in import WORK, write
from tests.plugins.test_grader_archive import entry

DAMAGED = "ada.tgz is not a tar archive compressed with gzip, or is damaged: pack it again"
END = bytes(1024)


def block(name="tiny.py", content=b"", **fields) -> bytes:
    header = entry(name, size=len(content), **fields).tobuf(tarfile.GNU_FORMAT)
    return header + content + bytes(-len(content) % 512)


def pax(records: bytes, kind=tarfile.XHDTYPE) -> bytes:
    return block("x", records, type=kind)


def record(key: str, value: str) -> bytes:
    text = f" {key}={value}\n".encode()
    length = len(text) + len(str(len(text) + 2))
    return str(length).encode() + text


def packed(tmp_path, *blocks: bytes, end=END):
    return write(tmp_path / "ada.tgz", gzip.compress(b"".join(blocks) + end, 1))


def refusal(path) -> str:
    with pytest.raises(Ungradable) as caught:
        read_archive(path)
    return caught.value.problem


# ---- what describes a file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_and_names_of_other_languages_are_read(tmp_path, form):
    out, name = io.BytesIO(), f"{'作业/' * 15}{'数' * 60}.py"
    with tarfile.open(fileobj=out, mode="w:gz", format=form) as archive:
        archive.addfile(entry(name, size=5), io.BytesIO(b"x = 1"))
        archive.addfile(entry("b.py"))
    assert read_archive(write(tmp_path / "ada.tgz", out.getvalue())).files == {name: b"x = 1", "b.py": b""}


def test_times_with_fractions_are_read(tmp_path):
    path = packed(tmp_path, pax(record("mtime", "1700000000.5")), block())
    assert newest(path) == datetime.fromtimestamp(1_700_000_000.5, UTC)


def test_a_size_that_pax_says_wins(tmp_path):
    path = packed(tmp_path, pax(record("size", "0")), block(), block("b.py"))
    assert read_archive(path).files == {"tiny.py": b"", "b.py": b""}


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(b"1" * 60_000, id="digits, which were searched from each on"),
        pytest.param(b"2 " * 15_000 + b"a=\n", id="records that lie in each other"),
        pytest.param(b"0 a=b\n", id="of no length"),
        pytest.param(b"-6 a=b\n", id="of less"),
        pytest.param(b"99 a=b\n", id="longer than the header"),
        pytest.param(b"6 a=bc", id="without an end"),
        pytest.param(b"5 ab\n", id="without a value"),
        pytest.param(record("size", "-1"), id="a file of less than nothing"),
        pytest.param(record("size", "many"), id="a file of no number"),
        pytest.param(record("a", "b" * limits.HEADER), id="longer than anybody's"),
    ],
)
def test_records_that_nobody_writes_are_damage_and_take_no_memory(tmp_path, records):
    path = packed(tmp_path, pax(records), block())
    tracemalloc.start()
    before = time.process_time()
    try:
        assert refusal(path) == DAMAGED
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8 << 20
    assert time.process_time() - before < 3  # seconds of CPU: it took the square of the length


@pytest.mark.parametrize(
    ("kind", "said", "name"),
    [
        (tarfile.XHDTYPE, record("path", "a.py"), "a.py"),
        (tarfile.XGLTYPE, record("path", "a.py"), "tiny.py"),
        (tarfile.GNUTYPE_LONGNAME, b"a.py\0", "a.py"),
        (tarfile.GNUTYPE_LONGLINK, b"a.py\0", "tiny.py"),
    ],
)
def test_a_thousand_headers_in_a_row_are_read_one_after_the_other(tmp_path, kind, said, name):
    assert read_archive(packed(tmp_path, pax(said, kind) * 1000, block())).files == {name: b""}


def test_headers_without_end_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.tarred.HEADERS", 100)
    path = packed(tmp_path, pax(record("path", "a.py")) * 101, block())
    assert refusal(path) == "ada.tgz holds more than 2000 files: hand in only your own"


@pytest.mark.parametrize("first", [b"", pax(record("GNU.sparse.major", "1"))], ids=["of GNU", "of pax"])
def test_a_file_with_holes_is_refused(tmp_path, first):
    kind = tarfile.REGTYPE if first else tarfile.GNUTYPE_SPARSE
    assert refusal(packed(tmp_path, first, block(type=kind))) == (
        "ada.tgz holds a file with holes: pack it again without --sparse"
    )


@pytest.mark.parametrize("damage", [b"x" * 512, b"x" * 100], ids=["a header", "the end of one"])
def test_what_follows_the_files_must_be_tar_too(tmp_path, damage):
    assert refusal(packed(tmp_path, block(), end=damage)) == DAMAGED


def test_a_file_of_less_than_nothing_is_damage(tmp_path):
    assert refusal(packed(tmp_path, entry("a.py", size=-1024).tobuf(tarfile.GNU_FORMAT), block())) == DAMAGED


# ---- the stream ------------------------------------------------------------------------------------------------


def test_streams_of_gzip_may_follow_each_other_and_zeros_follow_them(tmp_path):
    whole = block(content=WORK.encode()) + END
    path = write(tmp_path / "ada.tgz", gzip.compress(whole[:700]) + gzip.compress(whole[700:]) + bytes(100_000))
    assert read_archive(path).files == {"tiny.py": WORK.encode()}


def test_streams_of_gzip_without_end_are_damage(tmp_path):
    assert refusal(write(tmp_path / "ada.tgz", gzip.compress(b"") * 1001)) == DAMAGED


def test_a_sum_that_is_wrong_is_damage(tmp_path):
    data = bytearray(gzip.compress(block(content=WORK.encode()) + END))
    data[-8] ^= 1
    assert refusal(write(tmp_path / "ada.tgz", bytes(data))) == DAMAGED


def test_a_stream_within_a_name_of_its_own_is_read_in_pieces(tmp_path):
    named = b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 4_000_000
    raw = zlib.compressobj(1, zlib.DEFLATED, -15)
    whole = block() + END
    ends = zlib.crc32(whole).to_bytes(4, "little") + len(whole).to_bytes(4, "little")
    path = write(tmp_path / "ada.tgz", named + b"\0" + raw.compress(whole) + raw.flush() + ends)
    assert read_archive(path).files == {"tiny.py": b""}
