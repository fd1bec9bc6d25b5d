"""Looks for anything of the instructor's: files, processes, environment, network."""
# expect: values passed; scale_values passed; clean

import glob
import os
import socket


def leak(what):
    print("LEAK", what)


for pattern in ("/root/*", "/home/*", "/work/*", "/mnt/*", "/var/*", "/run/*", "/tmp/*", "/etc/*", "/boot/*", "/sys/*"):
    for path in glob.glob(pattern):
        if path not in ("/etc/hosts", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/work/tiny.py") and not (
            path.startswith(("/root/.pyenv", "/work/main")) or path == os.getcwd()
        ):
            leak(path)
for tree in ("/work/main", "/root/.pyenv"):
    for folder, folders, files in os.walk(tree):
        if ".venv" in folder or "versions" in folder:
            folders.clear()
            continue
        for name in files:
            leak(os.path.join(folder, name))
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/etc/passwd", "/usr/x", "/dev/x", "/x", "/proc/self/oom_score"):
    try:
        open(path, "a").close()
        leak(f"{path} can be written")
    except OSError:
        pass
if len([pid for pid in os.listdir("/proc") if pid.isdigit()]) > 3:
    leak("other processes")
for name in os.environ:
    if name.startswith(("GRADER", "PYTEST", "SSH")):
        leak(name)
try:
    socket.create_connection(("1.1.1.1", 53), timeout=0.2)
    leak("network")
except OSError:
    pass
if os.getuid() == 0 or os.getgroups() not in ([], [1000], [65534], [65534, 65534]):
    leak(f"uid {os.getuid()} groups {os.getgroups()}")
with open("/proc/self/status") as status:
    for line in status:
        name, _, value = line.partition(":")
        if name.startswith("Cap") and int(value, 16) != 0:
            leak(line)
        if name in ("NoNewPrivs", "Seccomp") and int(value) == 0:
            leak(line)


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
