"""Hidden checks of part 9: memory for compute. What is right is what happens without a checkpoint."""

from types import SimpleNamespace

import probes
import pytest
import torch
from manners import ROUGH

from grader.checks import assert_close, at_most, check, require

PLAIN = SimpleNamespace(checkpoint=lambda fn, *args: fn(*args))


@pytest.fixture
def block(draw):
    """Draw what a block computes with."""
    keep = torch.ones(16, 1, dtype=torch.bool)
    keep[::3] = False
    return {"x": draw(16, 8), "keep": keep, "W": draw(8, 32), "V": draw(32, 8)}


def agrees(candidate, block, **how):
    """Demand the answer and the gradients that there are without a checkpoint."""
    copies = {name: x.clone() for name, x in block.items()}
    assert_close(candidate.run(probes.recomputed, **block, **how), probes.recomputed(PLAIN, **copies, **how), **ROUGH)


@check("checkpoint", points=1)
def test_checkpoint(candidate, block):
    """The answer, and the gradients of the tensors among the arguments, are those without a checkpoint."""
    agrees(candidate, block, seed=1, p=0.0, which="x", weighted=True)


@check("checkpoint", points=1)
def test_captured_parameters(candidate, block):
    """Parameters that the function has at hand get their gradients, also where no argument requires one."""
    agrees(candidate, block, seed=1, p=0.0, which="parameters")
    agrees(candidate, block, seed=1, p=0.0, which="parameters", wants=False)


@check("checkpoint", points=1)
def test_same_random_numbers(candidate, block, seeds):
    """Dropout drops the same numbers when it is computed again."""
    agrees(candidate, block, seed=seeds(1)[0], which="x")


@check("checkpoint", points=0.5)
def test_generator_goes_on(candidate, block, seeds):
    """The second computation leaves no trace in the global generator."""
    agrees(candidate, block, seed=seeds(1)[0], which="rng")


@check("checkpoint", points=0.5)
def test_calls(candidate, block):
    """The function is called once forwards and once in backward, and once where gradients are off."""
    assert_close(candidate.run(probes.calls, **block), [1, 2, 3], name="the number of calls so far")


@check("checkpoint", points=0.5)
def test_saved_by_checkpoint(candidate, block):
    """Nothing but the arguments is kept for backward."""
    saved = candidate.run(probes.saved_by_checkpoint, **block)
    given = 16 * 8 * 8 + 16
    at_most(saved, given + 64, name="saved bytes")
    require(saved >= given, "less is kept than the arguments: what is computed again, and from what?")


@check("checkpoint", points=0.5)
def test_sequential(candidate, reference, draw):
    """In 4 runs, 16 layers take at most 0.6 of the memory, and have the same gradient."""
    x, weights = draw(256, 32), [draw(32, 32) / 6 for _ in range(16)]
    expected, plain = reference.run(probes.deep, x, weights, 0)
    answer, peak = candidate.run(probes.deep, x, weights, 4)
    assert_close(answer, expected, name="the gradient", **ROUGH)
    at_most(peak, 0.6 * plain, name="memory")
