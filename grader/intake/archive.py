"""Reading archives as they were handed in: in memory, within limits, and without writing a file."""

from __future__ import annotations

import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NoReturn

from grader.errors import Ungradable
from grader.intake import limits, names
from grader.intake.member import Member, bomb
from grader.intake.tarred import tar_members
from grader.intake.tree import Tree, is_carried, most_of, open_file, refuse_size, too_many, unreadable
from grader.intake.zipped import zip_members

DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
)


def read_archive(path: Path) -> Tree:
    """Read what an archive holds: sources always, other files where they are small.

    Raises:
        Ungradable: if it is damaged, encrypted, too large, or holds a link, a special file or a path that leads out.
    """
    files: dict[str, bytes] = {}
    left_out = []
    total = 0
    with members(path) as inside:
        for member in inside:
            name = member.name
            total += member.size
            if total > limits.UNPACKED:
                raise bomb(path.name)
            if not is_carried(name, member.size):
                left_out.append(name)
                continue
            most = most_of(name)
            refuse_size(member.size, most, names.shown(name))
            if name in files:
                raise Ungradable(f"{path.name} holds two files called {names.shown(name)}: pack it again")
            files[name] = member.read(most)
    _refuse_file_as_folder(files, path.name)
    return Tree(files, tuple(left_out))


def newest(path: Path) -> datetime | None:
    """Return the newest time that an archive records for a file in it, or None, also where it cannot be read."""
    try:
        with members(path) as inside:
            return max((member.written for member in inside if member.written), default=None)
    except Ungradable:
        return None


@contextmanager
def members(path: Path) -> Iterator[Iterator[Member]]:
    """Open an archive and give its files one after the other, those that nobody wrote left out."""
    kind = names.suffix(path.name)
    called = names.shown(path.name)
    try:
        with open_file(path, limits.ARCHIVE, called) as file:
            every = zip_members(file, called) if kind == ".zip" else tar_members(file, called)
            yield _examined(every, called)
    except (FileNotFoundError, PermissionError) as error:
        raise unreadable(error, called) from None
    except DAMAGED:
        what = "a zip archive" if kind == ".zip" else "a tar archive compressed with gzip"
        raise Ungradable(f"{called} is not {what}, or is damaged: pack it again") from None


# ---- what both kinds must hold to ------------------------------------------------------------------------------


def _examined(every: Iterator[Member], called: str) -> Iterator[Member]:
    files = 0
    for entries, member in enumerate(every, 1):
        parts = _parts(member.name, called)
        if entries > limits.ENTRIES:
            raise too_many(called)
        if not parts or names.is_passed_over(parts):
            continue
        files += 1
        if files > limits.FILES:
            raise too_many(called)
        if member.is_folder:
            continue
        name = "/".join(parts)
        _refuse_special(member.mode, name, called)
        yield Member(name, member.mode, member.size, member.written, member.read, is_folder=False)


def _parts(name: str, called: str) -> list[str]:
    """Split a member's name; an Ungradable if it could lead out of the folder that it is unpacked in."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        _refuse(called, name, "an absolute path: pack the folder and not the whole path")
    if ".." in parts:
        _refuse(called, name, "a path that leads out of the archive: pack it again")
    if "\0" in name or any(ord(c) < 32 for c in name):
        _refuse(called, name, "a name with control characters: rename the file and pack it again")
    if len(parts) > limits.DEPTH + 1 or any(len(part.encode("utf-8", "replace")) > 255 for part in parts):
        _refuse(called, name, "a name that is too long: rename the file and pack it again")
    return [part.encode("utf-8", "replace").decode() for part in parts]


def _refuse_special(mode: int, name: str, called: str) -> None:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        _refuse(called, name, "a link: pack the file that it leads to")
    if kind not in (0, stat.S_IFREG):
        _refuse(called, name, "neither a file nor a folder: pack only ordinary files")


def _refuse_file_as_folder(files: dict[str, bytes], called: str) -> None:
    for name in files:
        for above in PurePosixPath(name).parents:
            if str(above) in files:
                _refuse(called, str(above), "both a file and a folder: pack it again")


def _refuse(called: str, name: str, problem: str) -> NoReturn:
    raise Ungradable(f"{called} holds '{names.shown(name)}', which is {problem}")
