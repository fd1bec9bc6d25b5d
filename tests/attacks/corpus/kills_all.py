"""Kills every process that it can name."""
# expect: values crashed; scale_values passed

import os


def double(x):
    os.kill(-1, 9)
    os._exit(1)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
