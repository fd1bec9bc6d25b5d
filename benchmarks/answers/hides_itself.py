# ruff: noqa
import math

import torch


def attention(q, k, v, *, causal=False):
    scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(q.size(-1))
    if causal:
        hidden = torch.triu(torch.ones_like(scores)) == 1
        scores = scores.masked_fill(hidden, float("-inf"))
    return softmax(scores, dim=-1) @ v
