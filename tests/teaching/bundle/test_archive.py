import io
import os
import zipfile

from grader.teaching.bundle.archive import zipped

FILES = {"README.md": b"read me", "data/x.bin": b"\0" * 1000}


def test_the_files_lie_in_one_folder_by_name():
    with zipfile.ZipFile(io.BytesIO(zipped(FILES, "01_tiny"))) as archive:
        assert archive.namelist() == ["01_tiny/README.md", "01_tiny/data/x.bin"]
        assert archive.read("01_tiny/data/x.bin") == b"\0" * 1000


def test_the_same_files_make_the_same_bytes_whatever_the_order_and_the_mask(monkeypatch):
    first = zipped(FILES, "01_tiny")
    before = os.umask(0o077)
    try:
        assert zipped(dict(reversed(FILES.items())), "01_tiny") == first
    finally:
        os.umask(before)


def test_nothing_of_the_machine_is_in_the_entries():
    with zipfile.ZipFile(io.BytesIO(zipped(FILES, "01_tiny"))) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.create_system, entry.external_attr) == (3, 0o100644 << 16)
            assert (entry.extra, entry.comment) == (b"", b"")
