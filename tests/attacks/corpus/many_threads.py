"""Asks torch for many threads, which hang a fork."""
# expect: values passed; scale_values passed

import torch

torch.set_num_threads(4)
torch.ones(2000, 2000) @ torch.ones(2000, 2000)


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
