from pathlib import Path

import pytest

from grader.gradebook import mounts
from grader.gradebook.mounts import file_system, on_network

MOUNTS = r"""
22 1 0:20 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /home rw,relatime shared:2 - nfs4 server:/home rw
24 23 0:22 / /home/ada/my\040course rw - ext4 /dev/sdb1 rw
25 22 0:23 / /mnt rw - ext4 /dev/sdc1 rw
26 22 0:24 / /mnt rw - fuse.sshfs ada@host:/ rw
""".strip()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("/srv/gradebook.sqlite", "ext4", id="the root"),
        pytest.param("/home/ada/gradebook.sqlite", "nfs4", id="below a mount"),
        pytest.param("/homework/gradebook.sqlite", "ext4", id="a name that only begins like a mount"),
        pytest.param("/home/ada/my course/gradebook.sqlite", "ext4", id="a mount within a mount, with a space"),
        pytest.param("/mnt/gradebook.sqlite", "fuse.sshfs", id="a mount over another"),
    ],
)
def test_finds_the_file_system_that_holds_a_path(path, kind):
    assert file_system(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_known_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "mountinfo")
    (tmp_path / "mountinfo").write_text(f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path}/net rw - nfs4 y rw\n")
    assert on_network(tmp_path / "net" / "gradebook.sqlite")
    assert not on_network(tmp_path / "gradebook.sqlite")


def test_where_the_system_does_not_say_a_file_is_local(tmp_path, monkeypatch):
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "nothing")
    assert not on_network(tmp_path)
