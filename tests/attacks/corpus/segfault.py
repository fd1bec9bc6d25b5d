"""Reads address 0."""
# expect: values crashed; scale_values passed

import ctypes


def double(x):
    ctypes.string_at(0)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
