"""Answers with a tensor subclass that equals everything."""
# expect: values failed; scale_values passed

import torch


def double(x):
    class Always(torch.Tensor):
        def __eq__(self, other):
            return torch.ones((), dtype=torch.bool)
    
    return torch.zeros_like(x).as_subclass(Always)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
