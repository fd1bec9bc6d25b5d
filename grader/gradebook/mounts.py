"""Which file systems are shared over a network: there SQLite's write-ahead log would corrupt a gradebook."""

from __future__ import annotations

from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = {
    *("nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "orangefs"),
    *("9p", "virtiofs", "glusterfs", "panfs", "wekafs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.juicefs"),
}


def on_network(path: Path) -> bool:
    """Tell whether other machines may have the same file open. Where the system does not say, they may not."""
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return file_system(path.absolute().resolve(), mounts) in NETWORK


def file_system(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds an absolute path, by the text of `mountinfo`.

    Source:
        proc(5), /proc/[pid]/mountinfo: the fifth field is the mount point, the first after " - " the type.
    """
    best, found = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(_unescaped(before.split()[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:  # a later mount hides an earlier one
            best, found = len(point.parts), after.split()[0]
    return found


def _unescaped(text: str) -> str:
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
