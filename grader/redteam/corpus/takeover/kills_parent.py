"""Kills its parent and its process group."""
# ends: crashed

import os


def attack(honest, *args, **kwargs):
    os.kill(os.getppid(), 9)
    os.kill(0, 9)
