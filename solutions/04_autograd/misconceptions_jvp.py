"""What students get wrong in part 6, as they would write it."""

import torch
from misconceptions_vjp import begun, pulled

from grader.checks import misconception


def alike(u, x):
    if u.shape != x.shape:
        raise ValueError("shapes")


def twice(f, x, u):
    leaf, y = begun(f, x)
    with torch.enable_grad():
        v = torch.zeros_like(y, requires_grad=True)
        g = pulled(y, leaf, v, create_graph=True)
    return y.detach(), pulled(g, v, u).detach()


@misconception(
    replaces="jvp",
    hint="Check the shape: the answer lives in output space.",
    fails=["jvp"],
)
def jvp_is_vjp(f, x, u):
    alike(u, x)
    leaf, y = begun(f, x)
    return y.detach(), pulled(y, leaf, torch.ones_like(y)) * u


@misconception(
    replaces="jvp",
    hint="u says how far each number of x moves. Double one entry of it: what changes?",
    fails=["jvp"],
)
def jvp_without_u(f, x, u):
    alike(u, x)
    return twice(f, x, torch.ones_like(u))


@misconception(
    replaces="jvp",
    hint="A difference of two values of f is close. How many digits of it are right?",
    fails=["jvp"],
)
def jvp_by_difference(f, x, u):
    alike(u, x)
    y = f(x).detach()
    return y, (f(x + 1e-2 * u).detach() - y) / 1e-2


@misconception(
    replaces="jvp",
    hint="A number of y that does not depend on x does not move. Your function raises there.",
    fails=["jvp_of_a_constant"],
)
def jvp_of_a_constant_raises(f, x, u):
    alike(u, x)
    leaf, y = begun(f, x)
    with torch.enable_grad():
        v = torch.zeros_like(y, requires_grad=True)
        (g,) = torch.autograd.grad(y, leaf, v, create_graph=True)
    return y.detach(), torch.autograd.grad(g, v, u)[0]


@misconception(
    replaces="jvp",
    hint="Try a u with one entry. Does your function notice?",
    fails=["jvp_refuses"],
)
def jvp_broadcasts(f, x, u):
    if u.numel() not in (1, x.numel()):
        raise ValueError("shapes")
    return twice(f, x, u.expand_as(x))


@misconception(
    replaces="jvp",
    hint="A u that does not fit: which exception does the handout ask for, and which one comes?",
    fails=["jvp_refuses"],
)
def jvp_leaves_it_to_torch(f, x, u):
    return twice(f, x, u)
