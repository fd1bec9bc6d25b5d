"""Makes a file of a petabyte, of which nothing is written, and maps it into memory."""
# ends: error

import mmap
import tempfile


def attack(honest, *args, **kwargs):
    with open(f"{tempfile.gettempdir()}/{MARK}-sparse", "w+b") as file:
        file.truncate(1 << 50)
        return bytes(mmap.mmap(file.fileno(), 1 << 50)[:100])
