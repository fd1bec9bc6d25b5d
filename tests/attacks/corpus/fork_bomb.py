"""Forks without end."""
# expect: values error|timeout|crashed|memory|failed; scale_values passed

import os


def double(x):
    while True:
        os.fork()


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
