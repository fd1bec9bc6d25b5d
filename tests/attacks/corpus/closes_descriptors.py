"""Closes every descriptor before it answers."""
# expect: values crashed|failed; scale_values passed

import os


def double(x):
    os.closerange(0, 256)
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
