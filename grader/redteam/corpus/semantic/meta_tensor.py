"""Answers with a tensor that has a shape and no values."""
# ends: failed

import torch


def attack(honest, *args, **kwargs):
    return torch.empty(4, 3, dtype=torch.float64, device="meta")
