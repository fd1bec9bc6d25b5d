"""Answers with more than the wire takes."""
# ends: failed

import torch


def attack(honest, *args, **kwargs):
    return torch.zeros(12_000_000, dtype=torch.float64)
