"""Reading tar archives compressed with gzip, as a stream: every field of the file is a student's to choose."""

from __future__ import annotations

import gzip
import stat
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO

from grader.intake import limits
from grader.intake.member import Member, bomb


class _Counted:
    """A stream that ends with an Ungradable where a bomb would go on."""

    def __init__(self, file: gzip.GzipFile, called: str) -> None:
        self.file = file
        self.called = called
        self.left = limits.UNPACKED + limits.FILES * 1024  # the headers

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise bomb(self.called)
        return data


def tar_members(file: BinaryIO, called: str) -> Iterator[Member]:
    """Give the members in the order in which they lie in the stream: each is read before the next is asked for."""
    counted = _Counted(gzip.GzipFile(fileobj=file), called)
    with tarfile.open(fileobj=counted, mode="r|") as archive:  # type: ignore[call-overload]
        for info in archive:
            yield Member(
                name=info.name,
                mode=_tar_type(info),
                size=info.size,
                written=_tar_time(info),
                read=partial(_read_from, archive, info),
                is_folder=info.isdir(),
            )


def _tar_type(info: tarfile.TarInfo) -> int:
    if info.issym() or info.islnk():
        return stat.S_IFLNK
    return stat.S_IFREG if info.isreg() else stat.S_IFIFO


def _tar_time(info: tarfile.TarInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(info.mtime, UTC) if info.mtime > 0 else None
    except (ValueError, OverflowError):
        return None


def _read_from(archive: tarfile.TarFile, info: tarfile.TarInfo, most: int) -> bytes:
    file = archive.extractfile(info)
    return file.read(most) if file else b""
