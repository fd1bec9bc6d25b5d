"""Writes garbage to every descriptor that it has."""
# ends: failed|crashed

import os


def attack(honest, *args, **kwargs):
    for number in range(3, 50):
        try:
            os.write(number, b"\xff" * 64)
        except OSError:
            pass
    os._exit(0)
