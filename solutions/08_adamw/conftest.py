"""What the hidden checks of this assignment share: how inputs are drawn, and torch's own optimizers as oracles."""

import pytest
import torch

# torch.optim imports a good deal when it is first used: once here, where checks are collected, and not in every fork.
torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))]).step()


@pytest.fixture
def draw(rng):
    """Draw tensors whose entries have a magnitude between 1/2 and 3/2: no verdict hangs on one that is nearly zero."""

    def tensor(*shape, dtype=torch.float64):
        magnitude = 0.5 + torch.rand(shape, generator=rng, dtype=torch.float64)
        sign = 1 - 2 * torch.randint(2, shape, generator=rng)
        return (sign * magnitude).to(dtype)

    return tensor


@pytest.fixture
def by_torch():
    """Make some steps with torch's optimizer of this name and return (parameters, optimizer)."""

    def run(name, params, grads, state=None, **hyper):
        leaves = [torch.nn.Parameter(p.clone()) for p in params]
        optimizer = getattr(torch.optim, name)(leaves, foreach=False, **hyper)
        if state is not None:
            optimizer.load_state_dict(state)
        for now in grads:
            for leaf, g in zip(leaves, now, strict=True):
                leaf.grad = None if g is None else g.clone()
            optimizer.step()
        return [leaf.detach() for leaf in leaves], optimizer

    return run
