"""Writes into the memory of a process beside it, by every way that Linux has."""
# ends: passed

import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
word = ctypes.create_string_buffer(b"before", 8)


class Span(ctypes.Structure):
    _fields_ = (("at", ctypes.c_void_p), ("length", ctypes.c_size_t))


def tried(what, result):
    if result != -1:
        print("LEAK", what)


sibling = os.fork()
if sibling == 0:
    signal.pause()
    os._exit(0)
mine, its = Span(ctypes.addressof(word), 1), Span(ctypes.addressof(word), 1)
for pid in (1, sibling):
    tried(f"ptrace attach to {pid}", libc.ptrace(16, pid, 0, 0))
    tried(f"ptrace seize of {pid}", libc.ptrace(0x4206, pid, 0, 0))
    tried(f"process_vm_readv of {pid}", libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(its), 1, 0))
    tried(f"pidfd_getfd of {pid}", libc.syscall(438, libc.syscall(434, pid, 0), 0, 0))
    ways = [("mem", os.O_RDWR), ("fd/3", os.O_RDWR)]
    if pid == 1:  # an ordinary user's grader reads what memory siblings share, so that they can read it too
        ways += [("environ", os.O_RDONLY), ("syscall", os.O_RDONLY)]
    for name, flags in ways:
        try:
            os.close(os.open(f"/proc/{pid}/{name}", flags))
            print("LEAK", pid, name)
        except OSError:
            pass
tried("process_vm_writev", libc.process_vm_writev(sibling, ctypes.byref(mine), 1, ctypes.byref(its), 1, 0))
os.kill(sibling, signal.SIGKILL)
os.waitpid(sibling, 0)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
