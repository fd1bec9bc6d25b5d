"""Leaves a process behind that holds every descriptor open."""
# ends: passed

import os
import time


def attack(honest, *args, **kwargs):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return honest(*args, **kwargs)
