"""Uses too much memory while it is imported."""
# expect: ungradable memory

import torch

kept = torch.ones(10**9, dtype=torch.float64)


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
