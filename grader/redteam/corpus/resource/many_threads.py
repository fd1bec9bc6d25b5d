"""Asks torch for many threads, which hang a fork."""
# ends: passed

import torch

torch.set_num_threads(4)
torch.ones(2000, 2000) @ torch.ones(2000, 2000)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
