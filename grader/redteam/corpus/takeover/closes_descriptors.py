"""Closes every descriptor before it answers."""
# ends: crashed|failed

import os


def attack(honest, *args, **kwargs):
    os.closerange(0, 256)
    return honest(*args, **kwargs)
