"""Answers with a tensor that is two, of different lengths, and so has no shape."""
# ends: failed

import torch


def attack(honest, *args, **kwargs):
    return torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)], layout=torch.jagged)
