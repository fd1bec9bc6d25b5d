"""The hidden checks. plain.py has the same ones without the grader: tests/benchmarks/ holds the two to each other."""

import probes
import torch

from grader.checks import check


@check("softmax", points=10)
def test_softmax_definition(same, rng):
    """Softmax follows its definition."""
    same("softmax", torch.randn(8, 16, generator=rng, dtype=torch.float64))


@check("softmax", points=10, after=test_softmax_definition)
def test_softmax_any_axis(same, rng):
    """Softmax runs along the axis that it is told."""
    same("softmax", torch.randn(4, 5, 6, generator=rng, dtype=torch.float64), dim=1)


@check("softmax", points=10, after=test_softmax_definition)
def test_softmax_large_inputs(same, rng):
    """Softmax does not overflow."""
    same("softmax", 1000 + torch.randn(8, 16, generator=rng, dtype=torch.float64))


@check("attention", points=15)
def test_attention_definition(same, rng):
    """The output follows the definition."""
    same("attention", *torch.randn(3, 2, 12, 8, generator=rng, dtype=torch.float64))


@check("attention", points=15)
def test_attention_causal(same, rng):
    """Causal attention does not see what comes later."""
    same("attention", *torch.randn(3, 2, 12, 8, generator=rng, dtype=torch.float64), causal=True)


@check("attention", points=10, after=test_attention_definition)
def test_attention_gradients(same, rng):
    """Gradients reach queries, keys and values."""
    q, k, v = torch.randn(3, 2, 12, 8, generator=rng, dtype=torch.float64)
    same(probes.gradients, q=q, k=k, v=v, causal=False)


@check("momentum", points=20)
def test_momentum_steps(same, rng):
    """Each of ten steps follows the rule."""
    weights = list(torch.randn(3, 40, 30, generator=rng, dtype=torch.float64))
    gradients = [list(torch.randn(3, 40, 30, generator=rng, dtype=torch.float64)) for _ in range(10)]
    same(probes.steps, lr=0.1, mu=0.8, weights=weights, gradients=gradients)


@check("momentum", points=10, after=test_momentum_steps)
def test_momentum_refuses_a_negative_rate(candidate):
    """A negative rate is refused."""
    candidate.raises(ValueError, probes.momentum, lr=-0.5)
