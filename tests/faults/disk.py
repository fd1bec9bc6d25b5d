"""A real disk that is small: a tmpfs in a mount namespace of its own, in which commands are run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILL = 'head -c 1G /dev/zero > "$0/fill" 2>/dev/null; test "$(stat -f -c %a "$0")" = 0'


class Disk:
    """A file system of limited size at `path`. Only what is started with `prefix` sees it."""

    def __init__(self, path: Path, namespace: subprocess.Popen[str]) -> None:
        self.path = path
        self.prefix = ("nsenter", f"--target={namespace.pid}", "--mount")
        self.inside = Path(f"/proc/{namespace.pid}/root{path}")  # the same folder, as the test sees it

    def copied(self, to: Path) -> Path:
        """Copy all that is on it, for programs that resolve the link in `inside`, as SQLite does."""
        return Path(shutil.copytree(self.inside, to, dirs_exist_ok=True))

    def command(self, *words: str) -> None:
        subprocess.run([*self.prefix, *words], check=True, capture_output=True)

    def resize(self, size: str) -> None:
        self.command("mount", "-o", f"remount,size={size}", str(self.path))

    def fill(self) -> None:
        """Leave no room at all."""
        self.command("sh", "-c", FILL, str(self.path))

    def make_room(self) -> None:
        self.command("rm", str(self.path / "fill"))


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Disk]:
    """Mount one, for a while."""
    script = 'mount -t tmpfs -o "size=$1,mode=755" tmpfs "$0" && echo mounted && exec sleep infinity'
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(path), size]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as namespace:
        try:
            assert namespace.stdout is not None
            assert namespace.stdout.readline() == "mounted\n"
            yield Disk(path, namespace)
        finally:
            namespace.kill()
