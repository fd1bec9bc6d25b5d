"""Ends the process while it is imported."""
# ends: ungradable: ended the process

import os

os._exit(0)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
