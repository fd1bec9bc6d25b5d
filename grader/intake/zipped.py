"""Reading zip archives: every field of the file is a student's to choose."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import BinaryIO

from grader.errors import Ungradable
from grader.intake import limits
from grader.intake.member import Member
from grader.intake.tree import too_many

READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # an LZMA header may ask for 4 GB of memory
ENCRYPTED, UTF8_NAME = 0x1, 0x800  # bits of a member's flags
END = b"PK\5\6"  # of the record that a zip file ends with: 22 bytes, and a comment
LOCATOR = 20  # bytes before it, where the archive is of the format for 4 GB
TAIL = LOCATOR + 22 + 65_536  # as far as zipfile looks
LARGEST_DIRECTORY = limits.ENTRIES * 256  # bytes; zipfile reads all of it into memory


def zip_members(file: BinaryIO, called: str) -> Iterator[Member]:
    """Give the members that the directory at the end of the file lists."""
    _refuse_large_directory(file, called)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = _zip_name(info)
            yield Member(
                name=name,
                mode=info.external_attr >> 16,
                size=info.file_size,
                written=_zip_time(info),
                read=partial(_read_from, archive, info, called),
                is_folder=name.endswith("/"),
            )


def _refuse_large_directory(file: BinaryIO, called: str) -> None:
    """Raise an Ungradable before zipfile reads a directory of millions of files. Finds the record as zipfile does."""
    length = file.seek(0, 2)
    file.seek(max(0, length - TAIL))
    tail = file.read()
    at = len(tail) - 22 if tail[-22:-18] == END and tail[-2:] == b"\0\0" else tail.rfind(END)
    if at < 0:
        raise zipfile.BadZipFile
    if tail[max(0, at - LOCATOR) : at].startswith(b"PK\6\7"):
        raise Ungradable(f"{called} is in the format for archives over 4 GB: pack only your own files")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if directory > LARGEST_DIRECTORY:
        raise too_many(called)
    file.seek(0)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name. Without the flag for UTF-8, macOS writes UTF-8 all the same, and Chinese Windows GBK."""
    if info.flag_bits & UTF8_NAME:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Return the time of a member, which is written without a zone: this machine's is taken."""
    try:
        return datetime(*info.date_time).astimezone() if info.date_time[0] > 1980 else None
    except ValueError:
        return None


def _read_from(archive: zipfile.ZipFile, info: zipfile.ZipInfo, called: str, most: int) -> bytes:
    if info.flag_bits & ENCRYPTED:
        raise Ungradable(f"{called} is encrypted: pack it again without a password")
    if info.compress_type not in READABLE:
        raise Ungradable(f"{called} is compressed in a way that is not read: make an ordinary zip archive")
    with archive.open(info) as file:
        return file.read(most)
