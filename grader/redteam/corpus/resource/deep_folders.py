"""Makes a folder in a folder, and goes into it, without end: a path that no system call takes."""
# ends: memory|timeout|error

import os
import tempfile


def attack(honest, *args, **kwargs):
    os.chdir(tempfile.gettempdir())
    name = MARK + "x" * 200
    while True:
        os.mkdir(name)
        os.chdir(name)
