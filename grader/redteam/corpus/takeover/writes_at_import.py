"""Writes to every descriptor that it has inherited, while it is imported."""
# ends: ungradable: cannot be read

import os

for number in range(3, 256):
    try:
        os.write(number, b"\xff" * 64)
    except OSError:
        pass


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
