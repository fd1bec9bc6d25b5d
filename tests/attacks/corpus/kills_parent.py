"""Kills its parent and its process group."""
# expect: values crashed; scale_values passed

import os


def double(x):
    os.kill(os.getppid(), 9)
    os.kill(0, 9)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
