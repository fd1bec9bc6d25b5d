"""Uses too much memory while it is imported."""
# ends: ungradable: memory

import torch

kept = torch.ones(10**9, dtype=torch.float64)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
