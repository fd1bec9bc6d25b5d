"""Answers with a tensor whose elements are steps of a scale."""
# ends: failed

import torch


def attack(honest, *args, **kwargs):
    return torch.quantize_per_tensor(torch.zeros(4, 3), 0.1, 0, torch.qint8)
