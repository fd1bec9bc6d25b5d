"""Stops its own process, so that it neither answers nor ends."""
# ends: timeout

import os
import signal


def attack(honest, *args, **kwargs):
    os.kill(os.getpid(), signal.SIGSTOP)
    return honest(*args, **kwargs)
