"""Reading tar archives compressed with gzip, as a stream: every field of the file is a student's to choose.

`tarfile` is asked for one header of 512 bytes at a time. What it makes of longer ones (names, times, holes) takes the
square of their size in time and memory, and calls itself for each of them.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from grader.errors import Ungradable
from grader.intake import limits
from grader.intake.member import Member, bomb
from grader.intake.tree import too_many

GZIP = 31  # for zlib: with gzip's header and its sum
PIECE = 1 << 16
WINDOW = 1 << 20
STREAMS = 1000  # of gzip, one after the other in one file
BLOCK = tarfile.BLOCKSIZE
HEADERS = 3 * limits.ENTRIES  # of members, and those that describe them
DESCRIBES = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}
WITHOUT_CONTENT = {
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
}


# ---- the stream ------------------------------------------------------------------------------------------------


class _Unpacked(io.RawIOBase):
    """What gzip makes of a file; it ends with an Ungradable where a bomb would go on."""

    def __init__(self, file: BinaryIO, called: str) -> None:
        self.file = file
        self.called = called
        self.left = limits.UNPACKED + limits.FILES * 1024  # the headers
        self.streams = 1
        self.inflater = zlib.decompressobj(GZIP)
        self.rest = b""  # of what was read of the file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = b""
        while not data:
            if self.inflater.eof and not self._another():
                return 0
            self.rest = self.rest or self.file.read(PIECE)
            if not self.rest:
                raise EOFError
            data = self.inflater.decompress(self.rest, len(buffer))
            self.rest = self.inflater.unused_data if self.inflater.eof else self.inflater.unconsumed_tail
        self.left -= len(data)
        if self.left < 0:
            raise bomb(self.called)
        buffer[: len(data)] = data
        return len(data)

    def _another(self) -> bool:
        """Begin the next stream, where the file has one; zeros may fill it up."""
        while not (rest := self.rest.lstrip(b"\0")):
            self.rest = self.file.read(PIECE)
            if not self.rest:
                return False
        self.rest = rest
        self.streams += 1
        if self.streams > STREAMS:
            raise zlib.error
        self.inflater = zlib.decompressobj(GZIP)
        return True


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _skip(stream: BinaryIO, size: int) -> None:
    while size > 0:
        size -= len(_read(stream, min(size, WINDOW)))


# ---- the members -----------------------------------------------------------------------------------------------


def tar_members(file: BinaryIO, called: str) -> Iterator[Member]:
    """Give the members in the order in which they lie in the stream: each is read before the next is asked for."""
    unpacked = _Unpacked(file, called)
    stream = io.BufferedReader(unpacked, WINDOW)
    said: dict[str, str] = {}
    for count, info in enumerate(_headers(stream), 1):
        if count > HEADERS:
            raise too_many(called)
        if info.type in DESCRIBES:
            if info.size > unpacked.left:
                raise bomb(called)
            said |= _description(info, stream)
            continue
        _refuse_holes(info, said, called)
        content = _Content(stream, _size(info, said))
        name = said.get("path", info.name)
        is_folder = info.isdir()
        written = _time(said.get("mtime", info.mtime))
        yield Member(name, _mode(info), content.size, written, content.read, is_folder)
        content.skip()
        said = {}


def _headers(stream: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """Give the headers; the caller reads what follows each. A block of zeros is the end, or the stream's own is."""
    while block := stream.read(BLOCK):
        try:
            yield tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            return


class _Content:
    """What follows a member's header, up to the next one."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream = stream
        self.size = size
        self.left = size + -size % BLOCK

    def read(self, most: int) -> bytes:
        data = _read(self.stream, min(most, self.size))
        self.left -= len(data)
        return data

    def skip(self) -> None:
        _skip(self.stream, self.left)


def _size(info: tarfile.TarInfo, said: dict[str, str]) -> int:
    size = int(said.get("size", info.size))
    if size < 0:
        raise tarfile.HeaderError
    return 0 if info.type in WITHOUT_CONTENT else size


def _mode(info: tarfile.TarInfo) -> int:
    if info.issym() or info.islnk():
        return stat.S_IFLNK
    return stat.S_IFREG if info.isreg() else stat.S_IFIFO


def _time(said: float | str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(said), UTC) if float(said) > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


# ---- what describes the member that follows ----------------------------------------------------------------------


def _description(info: tarfile.TarInfo, stream: BinaryIO) -> dict[str, str]:
    """Return what a header says of the next member, by pax's keywords."""
    if not 0 <= info.size <= limits.HEADER:
        raise tarfile.HeaderError
    body = _read(stream, info.size + -info.size % BLOCK)[: info.size]
    if info.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": body.partition(b"\0")[0].decode("utf-8", "surrogateescape")}
    return dict(_records(body)) if info.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE) else {}


def _records(body: bytes) -> Iterator[tuple[str, str]]:
    """Read pax's records, `13 path=a.py` and a line break: the number counts the bytes of the whole."""
    at = 0
    while at < len(body):
        length = body[at : at + 20].partition(b" ")[0]
        end = at + int(length)
        record = body[at + len(length) + 1 : end]
        key, is_pair, value = record[:-1].partition(b"=")
        if not length.isdigit() or not is_pair or not record.endswith(b"\n") or end > len(body):
            raise tarfile.HeaderError
        yield key.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
        at = end


def _refuse_holes(info: tarfile.TarInfo, said: dict[str, str], called: str) -> None:
    if info.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse") for key in said):
        raise Ungradable(f"{called} holds a file with holes: pack it again without --sparse")
