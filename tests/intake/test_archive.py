import gzip
import io
import os
import time
import zipfile
from datetime import UTC, datetime

import pytest

from grader.errors import Ungradable
from grader.intake.archive import newest, read_archive
from tests.intake.handed_in import WORK, tarred, write, zipped
from tests.plugins.test_grader_archive import entry


def _gzipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=0) as file:
        file.write(data)
    return out.getvalue()


def test_whatever_the_bytes_of_a_zip_say_it_is_read_or_ungradable(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(bytes([*data[:at], data[at] ^ 0xFF, *data[at + 1 :]]))
        try:
            read_archive(path)
        except Ungradable:
            continue


def test_whatever_the_bytes_of_a_tar_archive_say_it_is_read_or_ungradable(tmp_path):
    path = tarred(tmp_path / "ada.tgz", [(entry("tiny.py"), WORK.encode())])
    data = gzip.decompress(path.read_bytes())[:1024]
    for at in range(0, len(data), 2):
        path.write_bytes(_gzipped(bytes([*data[:at], data[at] ^ 0xFF, *data[at + 1 :]])))
        try:
            read_archive(path)
        except Ungradable:
            continue


@pytest.fixture
def zone(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_newest_time_in_a_tar_archive_is_a_moment(tmp_path):
    members = [(entry("tiny.py", mtime=1_700_000_000), b""), (entry("b.py", mtime=1_600_000_000), b"")]
    path = tarred(tmp_path / "ada.tgz", [*members, (entry(".git/x", mtime=1_800_000_000), b"")])
    assert newest(path) == datetime.fromtimestamp(1_700_000_000, UTC)


def test_the_times_in_a_zip_archive_are_in_this_machines_zone(tmp_path, zone):
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for hour in (9, 12):
            archive.writestr(zipfile.ZipInfo(f"{hour}.py", (2026, 3, 1, hour, 0, 0)), "")
    assert newest(path) == datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize("mtime", [0, -1, float("nan"), float("inf"), 1e300])
def test_a_time_that_is_none_is_not_known(tmp_path, mtime):
    info = entry("tiny.py")
    info.pax_headers = {"mtime": str(mtime)}
    assert newest(tarred(tmp_path / "ada.tgz", [(info, b"")])) is None


def test_a_zip_that_has_no_times_has_none(tmp_path):
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("tiny.py"), "")
    assert newest(tmp_path / "ada.zip") is None


def test_an_archive_that_cannot_be_read_has_no_time_and_its_own_does_not_count(tmp_path):
    path = write(tmp_path / "ada.zip", b"x")
    os.utime(path, (1, 1))
    assert newest(path) is None


def test_a_directory_of_millions_is_refused_also_where_a_long_comment_hides_the_format_for_4_gb(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    data = path.read_bytes()
    end = data[-22:-2] + (65_530).to_bytes(2, "little") + b"x" * 65_530
    path.write_bytes(data[:-22] + b"PK\6\7" + bytes(16) + end)
    with pytest.raises(Ungradable, match="is in the format for archives over 4 GB"):
        read_archive(path)
