"""The oracles of the hidden checks: the weight of every key for every query, written out as an N x M matrix."""

import torch
from torch.nn.functional import elu, normalize, relu

EPS = 1e-6
PHI = {
    "elu1": lambda x: elu(x) + 1,
    "relu": relu,
    "taylor1": lambda x: torch.cat([torch.ones_like(x[..., :1]), normalize(x, dim=-1)], -1),
}


def kept(key_mask):
    """Make a mask of keys into one of (query, key) pairs."""
    return key_mask[:, None, None, :]


def mixed(weights, v, eps=EPS):
    """The values, mixed by weights that are made to add up to 1, but for eps."""
    return weights @ v / (weights.sum(-1, keepdim=True) + eps)


def linear(q, k, v, phi="elu1", key_mask=None, eps=EPS):
    """Linear attention by way of its matrix."""
    weights = PHI[phi](q) @ PHI[phi](k).mT
    return mixed(weights if key_mask is None else weights * kept(key_mask), v, eps)


def causal(q, k, v, eps=EPS):
    """Causal linear attention by way of its matrix."""
    return mixed((PHI["elu1"](q) @ PHI["elu1"](k).mT).tril(), v, eps)


def efficient(q, k, v):
    """Efficient attention by way of its matrix."""
    return (q.softmax(-1) @ k.softmax(-2).mT) @ v


def state(k, v):
    """The two sums over all tokens."""
    b = PHI["elu1"](k)
    return torch.einsum("bhnd,bhne->bhde", b, v), b.sum(-2)


def gradients(q, k, v, g):
    """The gradients of causal linear attention, by autograd through its matrix."""
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    return list(torch.autograd.grad(causal(*leaves), leaves, g))
