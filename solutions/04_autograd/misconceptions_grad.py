"""What students get wrong in part 2, as they would write it."""

import torch

from grader.checks import misconception


def answered(f, x, *, leaf=None, enable=True, vectors=False, detach=True, zeros=True, fill=False):
    """The right way, with one thing replaced."""
    leaf = x.detach().requires_grad_() if leaf is None else leaf
    with torch.set_grad_enabled(enable or torch.is_grad_enabled()):
        y = f(leaf)
    if y.shape != ():
        if not vectors:
            raise ValueError("a vector")
        y = y.sum()
    g = _gradient(y, leaf, fill)
    if g is None and zeros:
        g = torch.zeros_like(leaf)
    return (y.detach() if detach else y), g


def _gradient(y, leaf, fill):
    if not y.requires_grad:
        return None
    if fill:
        y.backward()
        return leaf.grad
    return torch.autograd.grad(y, leaf, allow_unused=True)[0]


@misconception(
    replaces="value_and_grad",
    hint="Look at x.grad and x.requires_grad after your call.",
    fails=["x_is_left_alone"],
)
def dirties_x(f, x):
    return answered(f, x, leaf=x.requires_grad_(), fill=True)


@misconception(
    replaces="value_and_grad",
    hint="x.grad may hold something from before. What do you do to it?",
    fails=["x_is_left_alone"],
)
def clears_the_gradient_of_x(f, x):
    before, x.grad = x.requires_grad, None
    y, g = answered(f, x, leaf=x.requires_grad_(), fill=True)
    x.grad = None
    x.requires_grad_(before)
    return y, g


@misconception(
    replaces="value_and_grad",
    hint="The caller may have switched gradients off. What has your graph recorded then?",
    fails=["gradients_off"],
)
def needs_grad_mode(f, x):
    return answered(f, x, enable=False)


@misconception(
    replaces="value_and_grad",
    hint="The caller may have switched gradients off: then the value of f has no graph to go backward through.",
    fails=["gradients_off"],
)
def raises_without_grad_mode(f, x):
    if not torch.is_grad_enabled():
        raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
    return answered(f, x)


@misconception(
    replaces="value_and_grad",
    hint="What is the derivative of a constant? autograd.grad raises where there is no way from the value to x.",
    fails=["unused"],
)
def raises_for_a_constant(f, x):
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        y = f(leaf)
    if y.shape != ():
        raise ValueError("a vector")
    return y.detach(), torch.autograd.grad(y, leaf)[0]


@misconception(
    replaces="value_and_grad",
    hint="What is the derivative of a constant? A caller who computes with None gets an error.",
    fails=["unused"],
)
def none_for_a_constant(f, x):
    return answered(f, x, zeros=False)


@misconception(
    replaces="value_and_grad",
    hint="backward fills the .grad of every leaf in the graph, not only of yours. Which others does f use?",
    fails=["others_are_left_alone"],
)
def fills_others(f, x):
    return answered(f, x, fill=True)


@misconception(
    replaces="value_and_grad",
    hint="Look at requires_grad of the value that you return: somebody who keeps it keeps its graph.",
    fails=["no_graph"],
)
def returns_the_graph(f, x):
    return answered(f, x, detach=False)


@misconception(
    replaces="value_and_grad",
    hint="A vector has a Jacobian and no gradient. What does your function do with one?",
    fails=["scalars_only"],
)
def sums_a_vector(f, x):
    return answered(f, x, vectors=True)


@misconception(
    replaces="value_and_grad",
    hint="A vector has a Jacobian and no gradient. Which exception does the handout ask for?",
    fails=["scalars_only"],
)
def leaves_it_to_torch(f, x):
    y, g = answered(f, x, vectors=True)
    with torch.no_grad():
        if f(x).shape != ():
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
    return y, g


@misconception(
    replaces="value_and_grad",
    hint="Compare the dtypes of x, of the value and of the gradient.",
    fails=["grad_manners"],
)
def answers_in_float32(f, x):
    return tuple(t.float() for t in answered(f, x))


@misconception(
    replaces="value_and_grad",
    hint="x may be a matrix, or a number without axes. Compare the shapes of x and of your gradient.",
    fails=["value_and_grad"],
)
def flattens_x(f, x):
    return answered(f, x, leaf=x.detach().reshape(-1).requires_grad_())
