"""Ends the process while it is imported."""
# expect: ungradable ended the process

import os

os._exit(0)


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
