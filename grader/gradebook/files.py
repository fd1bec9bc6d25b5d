"""What was handed in, packed to be kept: a replay needs it even when the student has changed the file since."""

from __future__ import annotations

import zlib

import msgspec

from grader.errors import GradebookError
from grader.model import MB, Loaded

KEEP_LIMIT = 32 * MB  # of one submission's files together; a larger one is replayed from its path, if it is still so


def packed(loaded: Loaded) -> bytes | None:
    """Return the files as one compressed string of bytes; None if they are too large to keep."""
    if sum(map(len, loaded.files.values())) > KEEP_LIMIT:
        return None
    return zlib.compress(msgspec.msgpack.encode(loaded))


def unpacked(blob: bytes, digest: str, *, place: str) -> Loaded:
    """Return the files that `packed` was given.

    Raises:
        GradebookError: if they do not have this digest any more.
    """
    try:
        loaded = msgspec.msgpack.decode(zlib.decompress(blob), type=Loaded)
    except (zlib.error, msgspec.DecodeError) as error:
        raise _damaged(digest, place) from error
    if loaded.digest != digest:
        raise _damaged(digest, place)
    return loaded


def _damaged(digest: str, place: str) -> GradebookError:
    return GradebookError(
        f"the stored files of submission {digest[:12]} are damaged",
        place=place,
        step="restore a backup of the gradebook, or grade the student's own file again",
    )
