"""Answers with a tensor that keeps no zeros."""
# ends: failed

import torch


def attack(honest, *args, **kwargs):
    return torch.eye(4, 3, dtype=torch.float64).to_sparse()
