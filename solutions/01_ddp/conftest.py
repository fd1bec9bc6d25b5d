"""What the hidden checks of this assignment share: inputs, and the one process whose results many must give."""

import copy
import runpy
from pathlib import Path

import pytest
import torch

from grader.checks import assert_close, require

TRAIN = Path(__file__).parents[2] / "assignments" / Path(__file__).parent.name / "train.py"
CONFIG = {
    "n": 36, "in_dim": 4, "hidden": 6, "epochs": 1, "lr": 0.1, "momentum": 0.9, "dtype": "float64", "ckpt": None,
    "resume": False, "grad_accum": 1, "bucket_cap_bytes": 200,
}  # fmt: skip
ROUGH = {"rtol": 1e-5, "atol": 1e-6}  # for checks that do not ask for a dtype: float32 on the way is another's concern


@pytest.fixture
def draw(rng):
    """Draw tensors whose entries have a magnitude between 1/2 and 3/2: no verdict hangs on one that is nearly zero."""

    def tensor(*shape, dtype=torch.float64):
        magnitude = 0.5 + torch.rand(shape, generator=rng, dtype=torch.float64)
        return ((1 - 2 * torch.randint(2, shape, generator=rng)) * magnitude).to(dtype)

    return tensor


@pytest.fixture
def seed(rng):
    """A seed for a probe."""
    return int(torch.randint(1, 10_000, (), generator=rng))


@pytest.fixture
def config(seed):
    """How to train: one epoch of 36 samples, in batches of 5 a rank, the last of which has 3."""
    return CONFIG | {"seed": seed, "batch_size": 5}


@pytest.fixture
def alone():
    """Train as train.py does, in one process, with batches as large as those of so many ranks together."""
    train = runpy.run_path(str(TRAIN))["train"]

    def run(config, ranks=1):
        model, losses = train({**config, "batch_size": config["batch_size"] * ranks})
        return {"parameters": [p.detach() for p in model.parameters()], "losses": losses}

    return run


@pytest.fixture
def mean_gradient():
    """Average, in this process, the gradients that each rank has of its own inputs: None where no rank has any."""

    def mean(module, inputs):
        found = []
        for arguments in inputs:
            twin = copy.deepcopy(module)
            if arguments is not None:
                twin(*arguments).square().sum().backward()
            found.append({name: p.grad for name, p in twin.named_parameters()})
        return {name: _mean([grads[name] for grads in found]) for name in found[0]}

    return mean


@pytest.fixture
def rough():
    """How closely values are compared where the dtype is another check's concern."""
    return ROUGH


@pytest.fixture
def proportional():
    """Require that one tree is, roughly, another one times a positive number.

    So a forgotten division, or a float32 on the way, is lost in one check only.
    """

    def require_proportional(actual, expected, name):
        pairs = [(a, e) for a, e in zip(leaves(actual), leaves(expected), strict=False) if alike(a, e)]
        size = sum(float((e * e).sum()) for _, e in pairs)
        factor = sum(float((a * e).sum()) for a, e in pairs) / size if size else 1.0
        require(0.1 < factor < 2.5, f"{name}: zero, turned round, or not of the right size by far")
        assert_close(actual, scaled(expected, factor), name=name, **ROUGH)

    def alike(actual, expected):
        return torch.is_tensor(actual) and torch.is_tensor(expected) and actual.shape == expected.shape

    def leaves(tree):
        return list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else [tree]

    def scaled(tree, factor):
        if isinstance(tree, dict):
            return {name: scaled(leaf, factor) for name, leaf in tree.items()}
        return tree if tree is None else [scaled(t, factor) for t in tree] if isinstance(tree, list) else tree * factor

    return require_proportional


def _mean(grads):
    there = [g for g in grads if g is not None]
    return torch.stack(there).sum(0) / len(grads) if there else None
