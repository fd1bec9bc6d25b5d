"""A zip that has the same bytes whenever and wherever it is made of the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

ONE_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say
ORDINARY_FILE = 0o100644 << 16
UNIX = 3


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return a zip of these files, inside one folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", ONE_TIME)
            entry.external_attr, entry.create_system = ORDINARY_FILE, UNIX
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name], compresslevel=9)
    return buffer.getvalue()
