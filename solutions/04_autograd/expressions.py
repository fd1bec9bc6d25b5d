"""Random expressions for the engines of parts 5 and 8, as programs of probes.evaluated, and torch's answers to them."""

import probes
import torch

SHAPES = [(3, 4), (1, 4), (4,), (), (3, 1)]


def expression(rng, leaves, steps):
    """Draw a program in which every leaf is used, values are used again, and all of the last ones count."""

    def pick(n):
        return int(torch.randint(n, (), generator=rng))

    program, made = [("mul", 0, "#1"), *(("add", leaves + i, f"#{i + 2}") for i in range(leaves - 2))], 2 * leaves - 1
    while len(program) < steps:
        kind, one, other = pick(6), pick(made), f"#{pick(made)}"
        if kind < 4:
            program.append((("add", "sub", "mul", "mul")[kind], one, other))
        else:
            program.append((("tanh", "relu")[kind - 4], one))
        made += 1
        program.append(("tanh", made - 1))  # so that nothing grows without bound
        made += 1
    for i in range(1, 4):
        program.append(("add", made - 1, f"#{made - 2 * i - 1}"))
        made += 1
    return [*program, ("add", made - 1, f"#{2 * leaves - 2}")]


def by_torch(program, leaves, grad=None):
    """The value of a program and the gradients of its leaves."""
    leaves = [torch.as_tensor(x, dtype=torch.float64).clone().requires_grad_() for x in leaves]
    y = probes.evaluated(program, leaves)[-1]
    grads = torch.autograd.grad(y, leaves, grad, materialize_grads=True, allow_unused=True)
    return y.detach(), list(grads)


def plain(answer):
    """A value and gradients as plain numbers."""
    y, grads = answer
    return [float(y), [float(g) for g in grads]]
