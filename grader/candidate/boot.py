"""Makes our own packages importable from memory, in an interpreter that is executed where our files cannot be read.

The text of this file is what such an interpreter is given to run: it imports nothing of ours before it has done so.
The zip comes in a descriptor, and is read at once: whoever closes that later takes no module away.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Packed(MetaPathFinder, InspectLoader):
    """The modules in a zip."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed  # for what this process executes in its turn
        archive = zipfile.ZipFile(io.BytesIO(packed))
        self.files = {name: archive.read(name).decode() for name in archive.namelist()}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a module of ours is made; None for all others."""
        del path, target
        if self._file(fullname) not in self.files:
            return None
        return ModuleSpec(fullname, self, origin=self._file(fullname), is_package=self.is_package(fullname))

    def is_package(self, fullname: str) -> bool:
        """Whether it is a folder."""
        return f"{fullname.replace('.', '/')}/__init__.py" in self.files

    def get_source(self, fullname: str) -> str:
        """Return the text of a module."""
        return self.files[self._file(fullname)]

    def _file(self, name: str) -> str:
        return name.replace(".", "/") + ("/__init__.py" if self.is_package(name) else ".py")


def begin(descriptor: int) -> None:
    """Import from the zip in this descriptor from now on, before all else."""
    with open(descriptor, "rb") as file:
        sys.meta_path.insert(0, Packed(file.read()))
