"""Part 1: the averages and their correction, each apart from the other."""

import probes
import pytest
import torch

from grader.checks import check

HALF = {"beta1": 0.5, "beta2": 0.5}  # old and new weigh the same, so this sees no mistake in which is which
ROUGH = {"rtol": 1e-5, "atol": 1e-6}  # right values in the wrong dtype lose the check of dtypes and no other


@check("moments", points=4)
@pytest.mark.parametrize("which", [0, 1], ids=["m", "v"])
def test_averages(same, draw, which):
    """m is a moving average of the gradient and v one of its square."""
    same(
        probes.moments,
        name="the moments",
        grads=[draw(3, 4) for _ in range(5)],
        which=[which],
        beta1=0.85,
        beta2=0.97,
        **ROUGH,
    )


@check("moments", points=4)
@pytest.mark.parametrize("which", [[0, 2], [1, 3]], ids=["m_hat", "v_hat"])
def test_bias_correction(same, draw, which):
    """For a constant gradient m_hat is that gradient and v_hat its square, from the first step on."""
    same(probes.moments, name="the moments", grads=[draw(2, 3)] * 6, which=which, **HALF, **ROUGH)


@check("moments", points=3)
def test_history(same, draw):
    """There is an entry for each gradient, and no entry changes later."""
    same(probes.history, name="the list", grads=[draw(4) for _ in range(5)], which=[0], **HALF, **ROUGH)


@pytest.mark.careless("dtype")
@check("moments", points=2)
@pytest.mark.parametrize(("shape", "dtype"), [((2, 3), torch.float32), ((), torch.float64)], ids=["float32", "scalar"])
def test_defaults_and_dtype(same, draw, shape, dtype):
    """The betas default to 0.9 and 0.999; shape and dtype are the gradients'."""
    same(probes.moments_as_they_are, name="the last entry", grads=[draw(*shape, dtype=dtype) for _ in range(3)])


@pytest.mark.careless("inputs")
@check("moments", points=1, after=test_history)
def test_moments_leave_the_gradients(same, draw):
    """The gradients are left as they were."""
    same(probes.grads_after_moments, name="the gradients", grads=[draw(3) for _ in range(3)])


@check("moments", points=1, after=test_history)
def test_no_gradients(candidate):
    """No gradient at all is a ValueError."""
    candidate.raises(ValueError, "adam_moments", [])
