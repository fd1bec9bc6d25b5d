"""Allocates more than the limit at once."""
# ends: memory

import torch


def attack(honest, *args, **kwargs):
    return torch.ones(10**9, dtype=torch.float64).sum()
