"""Answers with more than the wire takes."""
# expect: values failed; scale_values passed

import torch


def double(x):
    return torch.zeros(12_000_000, dtype=torch.float64)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
