"""Counts what is in msgpack bytes without building it: the empty lists that fit in 64 MB take 4 GB as objects."""

from __future__ import annotations

import struct

_FIXED = {  # the first byte: all bytes of a value, or of the header of a list or map
    **dict.fromkeys(range(0x100), 1),
    **{0xA0 + n: 1 + n for n in range(32)},  # short strings
    0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9,  # numbers
    0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18,  # small extensions
    0xDC: 3, 0xDD: 5, 0xDE: 3, 0xDF: 5,  # lists and maps
}  # fmt: skip
_SIZED = {  # the first byte: how the length is written, and the bytes around it and the content
    0xC4: (">B", 2), 0xC5: (">H", 3), 0xC6: (">I", 5),
    0xC7: (">B", 3), 0xC8: (">H", 4), 0xC9: (">I", 6),
    0xD9: (">B", 2), 0xDA: (">H", 3), 0xDB: (">I", 5),
}  # fmt: skip


def parts(data: bytes | memoryview, most: int) -> int:
    """Return how many values there are, lists and maps among them; no more than `most` + 1 are counted.

    The content of an extension is not looked into. Bytes that are no msgpack give some number: decoding says so.
    """
    view = memoryview(data)
    at = count = 0
    while at < len(view) and count <= most:
        first = view[at]
        if first in _SIZED:
            written, around = _SIZED[first]
            if at + around > len(view):
                break
            at += around + struct.unpack_from(written, view, at + 1)[0]
        else:
            at += _FIXED[first]
        count += 1
    return count
