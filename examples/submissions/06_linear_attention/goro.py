import torch
from torch.nn.functional import elu


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    q, k = elu(q) + 1, elu(k) + 1
    num = q @ (k.transpose(-1, -2) @ v)
    den = (q * k.sum(-2, keepdim=True).sum(-1, keepdim=True)
    return num / (den + eps)


def efficient_attention(q, k, v, *, key_mask=None):
    return q.softmax(-1) @ (k.softmax(-2).transpose(-1, -2) @ v)
