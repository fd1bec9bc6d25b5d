"""Leaves a thread behind, while it is imported, that holds the interpreter's lock and does not give it back."""
# ends: ungradable: longer than

import sys
import threading

sys.setswitchinterval(1000)


def spin():
    while True:
        pass


threading.Thread(target=spin, daemon=True).start()


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
