"""A disk that is full, or may not be written to: an error with its next step, and nothing that was kept is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from .conftest import RIGHT, Course
from .disk import Disk, small_disk

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")

CLASS = [f"student{number:02}" for number in range(12)]
ALL = dict.fromkeys(CLASS, ("graded", 100.0))
HALF = "200k"  # room for some of the class: 32 for SQLite's index, and some 20 for each


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk", HALF) as made:
        yield made


@pytest.fixture
def whole_class(course: Course) -> Course:
    for student in CLASS:
        course.hand_in(student, f"{RIGHT}\n# {student}\n")
    return course


def test_a_gradebook_whose_disk_fills_up_keeps_what_it_has_and_the_same_command_completes_it(
    whole_class: Course, disk: Disk, tmp_path: Path
):
    book = disk.path / "book.sqlite"
    full = whole_class.run(db=book, prefix=disk.prefix).finish()
    assert full.returncode == 2
    assert f"gradebook: the disk is full (database or disk is full)\n  in   {book}\n  try  make room" in full.stderr
    assert "Traceback" not in full.stderr
    disk.resize("20m")
    kept = whole_class.scores(disk.copied(tmp_path / "copy") / "book.sqlite")
    assert 0 < len(kept) < len(CLASS)
    assert kept.items() <= ALL.items()
    again = whole_class.run(db=book, prefix=disk.prefix).finish()
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} from the gradebook" in again.stdout
    assert whole_class.scores(disk.copied(tmp_path / "copy") / "book.sqlite") == ALL


def test_a_gradebook_on_a_disk_that_is_full_from_the_beginning_is_refused_before_anything_is_graded(
    course: Course, disk: Disk, tmp_path: Path
):
    course.hand_in("ada")
    disk.fill()
    book = disk.path / "book.sqlite"
    done = course.run(db=book, prefix=disk.prefix).finish()
    assert (done.returncode, done.stdout) == (2, "")
    assert "the disk is full" in done.stderr
    disk.make_room()
    assert course.run(db=book, prefix=disk.prefix).finish().returncode == 0
    assert course.scores(disk.copied(tmp_path / "copy") / "book.sqlite") == {"ada": ("graded", 100.0)}


@pytest.mark.parametrize("size", ["8k", "20k", "32k"])
def test_a_disk_without_room_for_the_logs_index_is_called_full(course: Course, disk: Disk, size: str):
    disk.resize(size)
    done = course.run(db=disk.path / "book.sqlite", prefix=disk.prefix).finish()
    assert done.returncode == 2
    assert "gradebook: the disk is full" in done.stderr


def test_a_gradebook_that_may_only_be_read_is_refused_and_is_whole_afterwards(
    course: Course, disk: Disk, tmp_path: Path
):
    course.hand_in("ada")
    book = disk.path / "book.sqlite"
    disk.resize("20m")
    assert course.run(db=book, prefix=disk.prefix).finish().returncode == 0
    course.hand_in("ben", RIGHT + "\n")
    disk.command("mount", "-o", "remount,ro", str(disk.path))
    refused = course.run(db=book, prefix=disk.prefix).finish()
    assert refused.returncode == 2
    assert f"\n  in   {book}\n  try  make it and its folder writable" in refused.stderr
    disk.command("mount", "-o", "remount,rw", str(disk.path))
    assert course.run(db=book, prefix=disk.prefix).finish().returncode == 0
    assert course.scores(disk.copied(tmp_path / "copy") / "book.sqlite") == dict.fromkeys(
        ("ada", "ben"), ("graded", 100.0)
    )


def test_a_report_that_finds_the_disk_full_leaves_the_older_one_and_the_grades(course: Course, disk: Disk):
    course.hand_in("ada")
    disk.resize("20m")
    reports = {kind: ("--report", f"{kind}={disk.path / kind}") for kind in ("json", "csv", "junit", "html")}
    assert course.run(*chain(*reports.values()), prefix=disk.prefix).finish().returncode == 0
    older = contents(disk.inside)
    course.hand_in("ben", RIGHT + "\n")
    disk.fill()
    for kind, option in reports.items():
        full = course.run(*option, prefix=disk.prefix).finish()
        assert full.returncode == 2
        assert "report: the report cannot be written: no space left on device\n" in full.stderr
        assert f"\n  in   {disk.path / kind}" in full.stderr
        assert "Traceback" not in full.stderr
    assert course.scores() == dict.fromkeys(("ada", "ben"), ("graded", 100.0))
    disk.make_room()
    assert contents(disk.inside) == older
    assert course.run(*chain(*reports.values()), prefix=disk.prefix).finish().returncode == 0
    assert {name for name, data in contents(disk.inside).items() if older.get(name) == data}.isdisjoint(
        {"json", "csv", "junit", "html/index.html"}
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_a_full_tmp_is_nobodys_trouble(course: Course, tmp_path: Path):
    """Student code has a /tmp of its own, and we keep nothing in ours."""
    course.hand_in("ada")
    (tmp_path / "tmp").mkdir()
    with small_disk(tmp_path / "tmp", "16k") as disk:
        disk.fill()
        done = course.run(prefix=(*disk.prefix, "env", f"TMPDIR={disk.path}")).finish()
    assert done.returncode == 0, done.stderr
    assert course.scores() == {"ada": ("graded", 100.0)}
