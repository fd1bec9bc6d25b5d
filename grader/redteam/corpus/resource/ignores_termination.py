"""Leaves a tree of processes, each in a session of its own, that ignore what asks them to end."""
# ends: passed

import os
import signal
import time


def attack(honest, *args, **kwargs):
    if os.fork():
        return honest(*args, **kwargs)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    for _ in range(3):
        os.fork()
        os.setsid() if os.getpid() != os.getsid(0) else None
    time.sleep(600)
