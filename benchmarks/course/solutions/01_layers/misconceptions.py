"""What students get wrong, as they would write it."""

import math

import layers
import torch

from grader.checks import misconception


@misconception(
    replaces="softmax", hint="What is exp(1000)? And what may be subtracted first?", fails=["softmax_large_inputs"]
)
def exponentials_overflow(x, dim=-1):
    return x.exp() / x.exp().sum(dim, keepdim=True)


@misconception(replaces="attention", hint="How do the scores grow with the width d?", fails=["attention_definition"])
def scores_are_not_scaled(q, k, v, *, causal=False):
    return layers.attention(q * math.sqrt(q.shape[-1]), k, v, causal=causal)


@misconception(replaces="attention", hint="May a token see itself?", fails=["attention_causal"])
def hides_the_token_itself(q, k, v, *, causal=False):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(), -torch.inf)
    return layers.softmax(scores) @ v


@misconception(replaces="Momentum.step", hint="Does u shrink what is new in the gradient?", fails=["momentum_steps"])
def averages_the_gradients(self, weights, gradients):
    before = self.u or [torch.zeros_like(g) for g in gradients]
    self.u = [self.mu * u + (1 - self.mu) * g for u, g in zip(before, gradients, strict=True)]
    return [w - self.lr * u for w, u in zip(weights, self.u, strict=True)]
