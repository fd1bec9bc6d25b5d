"""Reading files and folders that a student made: nothing is followed, waited for or read beyond its limit."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from grader.errors import Ungradable
from grader.intake import limits, names

KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
FLAGS = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Tree(Struct, frozen=True):
    """Files by their relative POSIX paths, and the names of those that were too large to come along."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()


# ---- one file --------------------------------------------------------------------------------------------------


def read_file(path: Path, most: int, name: str = "") -> bytes:
    """Read a regular file of at most `most` bytes; anything else is an Ungradable that calls it `name`."""
    name = names.shown(name or path.name)
    try:
        with open_file(path, most, name) as file:
            data = file.read(os.fstat(file.fileno()).st_size + 1)
    except OSError as error:
        raise unreadable(error, name) from None
    refuse_size(len(data), most, name)
    return data


def open_file(path: Path, most: int, name: str) -> BinaryIO:
    """Open a regular file of at most `most` bytes.

    Raises:
        Ungradable: if it is larger, or no regular file.
        OSError: see `unreadable`.
    """
    refuse_special(path.lstat().st_mode, name)
    file = os.fdopen(os.open(path, FLAGS), "rb")
    try:
        status = os.fstat(file.fileno())
        refuse_special(status.st_mode, name)
        refuse_size(status.st_size, most, name)
    except BaseException:
        file.close()
        raise
    return file


def refuse_special(mode: int, name: str) -> None:
    """Raise an Ungradable for a link, a pipe, a socket or a device."""
    if stat.S_ISLNK(mode):
        raise Ungradable(f"{name} is a link, which is not followed: hand in the file itself")
    if kind := KINDS.get(stat.S_IFMT(mode)):
        raise Ungradable(f"{name} is {kind} and not a file: hand in an ordinary file")


def refuse_size(size: int, most: int, name: str) -> None:
    """Raise an Ungradable for a file that is too large to be what was asked for."""
    if size > most:
        raise Ungradable(f"{name} has {limits.size(size)}, and at most {limits.size(most)} are read: make it smaller")


def unreadable(error: OSError, name: str) -> Ungradable:
    """Return the sentence for a file that the system would not give."""
    if isinstance(error, FileNotFoundError):
        return Ungradable(f"nothing was handed in: there is no {name}")
    if isinstance(error, PermissionError):
        return Ungradable(f"{name} may not be read by the grader: change its permissions")
    if error.errno == errno.ELOOP:
        return Ungradable(f"{name} is a link, which is not followed: hand in the file itself")
    return Ungradable(f"{name} cannot be read ({error.strerror}): hand it in again")


# ---- a folder --------------------------------------------------------------------------------------------------


def read_folder(folder: Path) -> Tree:
    """Read what a student's folder holds: sources always, other files where they are small.

    Raises:
        Ungradable: for a link, a special file, more files or bytes than the limits allow.
    """
    called = names.shown(folder.name)
    files: dict[str, bytes] = {}
    left_out = []
    total = 0
    try:
        for count, (name, entry) in enumerate(_walk(folder, ""), 1):
            if count > limits.FILES:
                raise too_many(called)
            if entry.is_dir(follow_symlinks=False):
                continue
            size = entry.stat(follow_symlinks=False).st_size
            if not is_carried(name, size):
                left_out.append(name)
                continue
            files[name] = read_file(Path(entry.path), most_of(name), name)
            total += len(files[name])
            refuse_size(total, limits.UNPACKED, called)
    except OSError as error:
        raise unreadable(error, names.shown(Path(error.filename or folder).name)) from None
    return Tree(files, tuple(left_out))


def is_carried(name: str, size: int) -> bool:
    """Say whether a file comes along: too large a source is refused when it is read, too large data stays behind."""
    return names.is_source(name) or size <= limits.DATA


def most_of(name: str) -> int:
    """Return how many bytes a file of this name may have."""
    most = {names.MODULE: limits.MODULE, names.NOTEBOOK: limits.NOTEBOOK}
    return most.get(names.suffix(name), limits.DATA)


def too_many(called: str) -> Ungradable:
    """Return the sentence for a folder or an archive that nobody wrote by hand."""
    return Ungradable(f"{names.shown(called)} holds more than {limits.FILES} files: hand in only your own")


def _walk(folder: Path, above: str, depth: int = 0) -> Iterator[tuple[str, os.DirEntry[str]]]:
    if depth > limits.DEPTH:
        raise Ungradable(f"{names.shown(above)} is too deep: hand in at most {limits.DEPTH} folders in each other")
    with os.scandir(folder) as entries:
        inside = sorted(islice(entries, limits.ENTRIES + 1), key=lambda entry: entry.name)
    if len(inside) > limits.ENTRIES:
        raise too_many(above or folder.name)
    if any(entry.name == "pyvenv.cfg" for entry in inside):
        return
    for entry in inside:
        name = above + entry.name.encode("utf-8", "replace").decode()  # a name need not be UTF-8
        if names.is_passed_over([entry.name]):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield name, entry
            yield from _walk(Path(entry.path), f"{name}/", depth + 1)
        else:
            refuse_special(entry.stat(follow_symlinks=False).st_mode, names.shown(name))
            yield name, entry
