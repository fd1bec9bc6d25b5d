"""Answers with a tensor of a million million elements, all of which are the same eight bytes."""
# ends: error|memory|failed

import torch


def attack(honest, *args, **kwargs):
    return torch.zeros(1, dtype=torch.float64).expand(10**12)
