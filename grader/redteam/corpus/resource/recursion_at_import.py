"""Overruns the stack of C while it is imported."""
# ends: ungradable: ended the process

import sys

sys.setrecursionlimit(10**9)
nested = []
for _ in range(10**6):
    nested = [nested]
repr(nested)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
