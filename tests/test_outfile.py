import os
import stat
import threading

import pytest

from grader.errors import ReportError
from grader.outfile import write_whole


def test_the_folders_on_the_way_are_made(tmp_path):
    assert write_whole(tmp_path / "a" / "b" / "c.txt", "x").read_text() == "x"


def test_what_was_there_is_replaced_and_nothing_else_is_left(tmp_path):
    (tmp_path / "c.txt").write_text("old")
    write_whole(tmp_path / "c.txt", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("c.txt", "new")]


def test_what_was_there_stays_if_the_new_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "c.txt").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(ReportError, match="no space left on device") as refused:
        write_whole(tmp_path / "c.txt", "new")
    assert refused.value.step
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("c.txt", "old")]


def test_a_folder_in_its_place_is_refused(tmp_path):
    with pytest.raises(ReportError, match="a folder is there"):
        write_whole(tmp_path, "x")


def test_a_file_where_a_folder_should_be_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(ReportError, match="cannot be written"):
        write_whole(tmp_path / "a" / "b", "x")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_others_may_read_it_as_the_umask_says(tmp_path):
    before = os.umask(0o027)
    try:
        written = write_whole(tmp_path / "c.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(written.stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reader.start()
    write_whole(tmp_path / "pipe", "x")
    reader.join()
    assert got == ["x"]


def test_what_utf8_cannot_hold_is_written_as_an_escape(tmp_path):
    assert write_whole(tmp_path / "c.txt", "ren\udce9").read_text() == "ren\\udce9"
