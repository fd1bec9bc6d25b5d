"""Looks for anything of the instructor's: files, processes, environment, network."""
# ends: passed

import os
import socket
import sys


def leak(what):
    print("LEAK", what)


ALLOWED = {"/etc/hosts", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/sh", "/wait"}
KNOWN = {"/usr", "/proc", "/dev", sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix), os.getcwd()}
seen = 0
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in KNOWN]
    for name in files:
        seen += 1
        if os.path.join(folder, name) not in ALLOWED:
            leak(os.path.join(folder, name))
if seen < len(ALLOWED):
    leak("nothing: the walk saw too little to say anything")
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


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
