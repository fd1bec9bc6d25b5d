"""Hostile archives. The trusted side reads them in memory, and writes none of their names anywhere."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping

from grader.redteam.craft import crafted
from grader.redteam.dress import MARK

PIECE = bytes(40 << 20)  # zeros: what a bomb is full of


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """Return a zip archive; two members may have the same name."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(_info(name) if isinstance(name, str) else name, data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")  # whose constructor would cut and translate the name
    info.filename = name
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    """Return a member that is a link, or another kind that is no file."""
    info = _info(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Return a tar archive, compressed."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def tar_link(name: str, to: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    """Return a tar's member that leads elsewhere."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info, b""


# ---- names that lead out ---------------------------------------------------------------------------------------


@crafted("takeover")
def zip_that_climbs(module: str, source: str) -> Mapping[str, bytes]:
    """Has a name with `..` in it, to be unpacked beside the hidden checks.

    # ends: ungradable: leads out
    """
    return {".zip": zipped((f"{module}.py", source.encode()), (f"../../{MARK}-climbed.py", b"1"))}


@crafted("takeover")
def zip_with_backslashes(module: str, source: str) -> Mapping[str, bytes]:
    r"""Climbs with backslashes, which Windows writes into archives.

    # ends: ungradable: leads out
    """
    return {".zip": zipped((f"{module}.py", source.encode()), (f"x\\..\\..\\{MARK}-climbed.py", b"1"))}


@crafted("takeover")
def zip_of_absolute_names(module: str, source: str) -> Mapping[str, bytes]:
    """Has a name that begins at the root.

    # ends: ungradable: an absolute path
    """
    return {".zip": zipped((f"{module}.py", source.encode()), (f"/tmp/{MARK}-absolute", b"1"))}


@crafted("takeover")
def zip_with_a_link(module: str, source: str) -> Mapping[str, bytes]:
    """Has a link to the machine's users, and a file to be written through a link to a folder.

    # ends: ungradable: a link
    """
    through = (link("out"), b"/tmp"), (f"out/{MARK}-through-a-link", b"1")
    return {".zip": zipped((f"{module}.py", source.encode()), *through, (link("data.txt"), b"/etc/passwd"))}


@crafted("takeover")
def tar_with_a_link(module: str, source: str) -> Mapping[str, bytes]:
    """Is a link to the solution: the module itself.

    # ends: ungradable: a link
    """
    solution = f"../../../solutions/{module}.py"
    return {
        ".tar.gz": tarred(
            tar_link(f"{module}.py", solution, tarfile.SYMTYPE), (tarfile.TarInfo("x.py"), source.encode())
        )
    }


@crafted("takeover")
def tar_with_a_device(module: str, source: str) -> Mapping[str, bytes]:
    """Has a device and a pipe, at which a reader would wait for ever.

    # ends: ungradable: neither a file nor a folder
    """
    ours = tarfile.TarInfo(f"{module}.py")
    return {
        ".tgz": tarred(
            (ours, source.encode()), *(tar_link(n, "", k) for n, k in (("a", tarfile.FIFOTYPE), ("b", tarfile.CHRTYPE)))
        )
    }


@crafted("takeover")
def one_name_twice(module: str, source: str) -> Mapping[str, bytes]:
    """Holds two modules of the same name: one for whoever looks, and one for whoever runs it.

    # ends: ungradable: two files called
    """
    return {".zip": zipped((f"{module}.py", source.encode()), (f"{module}.py", b"print('LEAK the second')\n"))}


@crafted("takeover")
def two_modules(module: str, source: str) -> Mapping[str, bytes]:
    """Holds the module in two folders, of which either could be meant.

    # ends: ungradable: could be meant
    """
    return {".zip": zipped((f"a/{module}.py", source.encode()), (f"b/{module}.py", b"x = 1\n"))}


@crafted("takeover")
def names_in_odd_encodings(module: str, source: str) -> Mapping[str, bytes]:
    """Has names written from right to left, with blanks at the end, in Chinese, composed and decomposed, and invisible.

    # ends: passed
    """
    odd = (
        "\u202eyp.x",
        "x .",
        "作业/数据.txt",
        "é",
        "e\u0301",
        "\u200b",
        "ﬀ",
        "\uff0e\uff0e/x",
        "-rf",
        "~",
        "$(id)",
        "a" * 200,
    )
    return {".zip": zipped((f"{module}.py", source.encode()), *((name, b"1") for name in odd))}


@crafted("takeover")
def names_with_control_characters(module: str, source: str) -> Mapping[str, bytes]:
    r"""Has a name that would clear a terminal and end a line of a report.

    # ends: ungradable: control characters
    """
    return {".zip": zipped((f"{module}.py", source.encode()), ("\x1b[2J\r\n9 passed", b"1"))}


# ---- bombs -----------------------------------------------------------------------------------------------------


@crafted("resource")
def zip_bomb(module: str, source: str) -> Mapping[str, bytes]:
    """Unpacks to thousands of times its size, in files that are small enough each.

    # ends: ungradable: unpacks to more than
    """
    return {
        ".zip": _says(
            zipped((f"{module}.py", source.encode()), *((f"{n}.bin", b"\0" * 9000) for n in range(10))), 9000, PIECE
        )
    }


@crafted("resource")
def zip_that_lies(module: str, source: str) -> Mapping[str, bytes]:
    """Unpacks to forty megabytes where its directory says that there are nine bytes.

    # ends: ungradable: is damaged
    """
    return {".zip": _says(zipped((f"{module}.py", source.encode()), ("x.bin", PIECE)), len(PIECE), b"123456789")}


def _says(archive: bytes, size: int, instead: bytes) -> bytes:
    """Write another size into the directory and the headers of an archive."""
    return archive.replace(size.to_bytes(4, "little"), len(instead).to_bytes(4, "little"))


@crafted("resource")
def tar_bomb(module: str, source: str) -> Mapping[str, bytes]:
    """Unpacks to hundreds of megabytes, as one file that no limit would carry.

    # ends: ungradable: unpacks to more than
    """
    head = tarfile.TarInfo("x.bin")
    head.size = 10 * len(PIECE)
    ours = tarfile.TarInfo(f"{module}.py")
    ours.size = len(source.encode())
    first = ours.tobuf() + source.encode() + bytes(-ours.size % 512) + head.tobuf()
    return {".tar.gz": gzip.compress(first) + gzip.compress(PIECE) * 10}


@crafted("resource")
def nested_zips(module: str, source: str) -> Mapping[str, bytes]:
    """Holds archives in archives, five deep, sixteen in each: whoever unpacks them all fills every disk.

    # ends: passed
    """
    inner = zipped(("0.bin", b"\0" * 1_000_000))
    for _ in range(5):
        inner = zipped(*((f"{n}.zip", inner) for n in range(16)))
    return {".zip": zipped((f"{module}.py", source.encode()), ("more.zip", inner))}


@crafted("resource")
def zip_of_many(module: str, source: str) -> Mapping[str, bytes]:
    """Holds twenty thousand empty files.

    # ends: ungradable: holds more than
    """
    return {".zip": zipped((f"{module}.py", source.encode()), *_empty(20_000))}


def _empty(count: int) -> Iterator[tuple[str, bytes]]:
    yield from ((f"{number}", b"") for number in range(count))
