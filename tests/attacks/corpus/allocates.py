"""Allocates more than the limit at once."""
# expect: values memory; scale_values passed

import torch


def double(x):
    return torch.ones(10**9, dtype=torch.float64).sum() + 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
