"""Writes garbage to every descriptor that it has."""
# expect: values failed|crashed; scale_values passed

import os


def double(x):
    for number in range(3, 50):
        try:
            os.write(number, b"\xff" * 64)
        except OSError:
            pass
    os._exit(0)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
