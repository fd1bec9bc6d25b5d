"""The checks of test_hidden_layers.py without the grader: a function each, which raises unless the student is right.

The bare work, nbgrader and otter all run these. They import torch and nothing else, so that nobody pays for more.
"""

from __future__ import annotations

from types import SimpleNamespace

import probes
import torch

POINTS = {
    "softmax_definition": 10, "softmax_any_axis": 10, "softmax_large_inputs": 10,
    "attention_definition": 15, "attention_causal": 15, "attention_gradients": 10,
    "momentum_steps": 20, "momentum_refuses_a_negative_rate": 10,
}  # fmt: skip
AFTER = {
    "softmax_any_axis": "softmax_definition",
    "softmax_large_inputs": "softmax_definition",
    "attention_gradients": "attention_definition",
    "momentum_refuses_a_negative_rate": "momentum_steps",
}
PASSED: set[str] = set()  # in this process


def run(name, student, reference, rng, passed):
    """Run the check of this name, and note in `passed` that it passed, for those that come after it."""
    assert AFTER.get(name, name) in {name, *passed}, f"comes after {AFTER[name]}"
    globals()[name](student, reference, rng)
    passed.add(name)


def check(name, namespace):
    """Run a check on what a notebook has defined, in the notebook's own process, as nbgrader and otter do."""
    import reference  # the solution, put beside this file

    run(name, SimpleNamespace(**namespace), reference, torch.Generator().manual_seed(torch.seed()), PASSED)


def normal(rng, *shape):
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def close(actual, expected):
    """Compare two trees as the grader does: kinds, lengths, shapes, dtypes and float64's values."""
    if isinstance(expected, list):
        assert isinstance(actual, list | tuple)
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            close(one, other)
        return
    assert isinstance(actual, torch.Tensor)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    assert torch.allclose(actual, expected, rtol=1e-9, atol=1e-11, equal_nan=True)


def softmax_definition(student, reference, rng):
    x = normal(rng, 8, 16)
    close(student.softmax(x.clone()), reference.softmax(x))


def softmax_any_axis(student, reference, rng):
    x = normal(rng, 4, 5, 6)
    close(student.softmax(x.clone(), dim=1), reference.softmax(x, dim=1))


def softmax_large_inputs(student, reference, rng):
    x = 1000 + normal(rng, 8, 16)
    close(student.softmax(x.clone()), reference.softmax(x))


def attention_definition(student, reference, rng):
    q, k, v = normal(rng, 3, 2, 12, 8)
    close(student.attention(q.clone(), k.clone(), v.clone()), reference.attention(q, k, v))


def attention_causal(student, reference, rng):
    q, k, v = normal(rng, 3, 2, 12, 8)
    actual = student.attention(q.clone(), k.clone(), v.clone(), causal=True)
    close(actual, reference.attention(q, k, v, causal=True))


def attention_gradients(student, reference, rng):
    q, k, v = normal(rng, 3, 2, 12, 8)
    close(probes.gradients(student, q, k, v, False), probes.gradients(reference, q, k, v, False))


def momentum_steps(student, reference, rng):
    weights = list(normal(rng, 3, 40, 30))
    gradients = [list(normal(rng, 3, 40, 30)) for _ in range(10)]
    copies = [w.clone() for w in weights], [[g.clone() for g in given] for given in gradients]
    close(probes.steps(student, 0.1, 0.8, *copies), probes.steps(reference, 0.1, 0.8, weights, gradients))


def momentum_refuses_a_negative_rate(student, _reference, _rng):
    try:
        probes.momentum(student, -0.5)
    except ValueError:
        return
    raise AssertionError("nothing was raised")
