"""Stops the process that forks the candidates."""
# ends: failed
# others: passed|timeout

import os
import signal


def attack(honest, *args, **kwargs):
    for pid in range(2, 50):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGSTOP)
            except OSError:
                pass
    return None
