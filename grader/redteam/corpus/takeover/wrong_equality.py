"""Answers with a tensor subclass that equals everything."""
# ends: failed

import torch


class Always(torch.Tensor):
    def __eq__(self, other):
        return torch.ones((), dtype=torch.bool)

    __hash__ = torch.Tensor.__hash__


def attack(honest, *args, **kwargs):
    first = next((x for x in (*args, *kwargs.values()) if isinstance(x, torch.Tensor)), torch.zeros(()))
    return torch.zeros_like(first).as_subclass(Always)
