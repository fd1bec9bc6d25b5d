"""Ends the process with success."""
# expect: values crashed; scale_values passed

import os


def double(x):
    os._exit(0)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
