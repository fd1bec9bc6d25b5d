"""What students get wrong in part 3, as they would write it."""

import torch

from grader.checks import misconception


def begun(f, x, enable=True):
    """A leaf, and the value of f there."""
    leaf = x.detach().requires_grad_()
    with torch.set_grad_enabled(enable or torch.is_grad_enabled()):
        return leaf, f(leaf)


def pulled(y, x, v, **how):
    if not y.requires_grad:
        return torch.zeros_like(x)
    return torch.autograd.grad(y, x, v, retain_graph=True, allow_unused=True, materialize_grads=True, **how)[0]


def fits(v, y):
    if v.shape != y.shape:
        raise ValueError("shapes")


# ---- vjp -------------------------------------------------------------------------------------------------------


@misconception(
    replaces="vjp",
    hint="Use a v with different entries. Which of them did your answer see?",
    fails=["vjp"],
)
def vjp_by_sum(f, x, v):
    leaf, y = begun(f, x)
    fits(v, y)
    return y.detach(), pulled(y, leaf, torch.ones_like(y)) * v.sum()


@misconception(
    replaces="vjp",
    hint="Double v. Does your product double?",
    fails=["vjp"],
)
def vjp_without_v(f, x, v):
    leaf, y = begun(f, x)
    fits(v, y)
    return y.detach(), pulled(y, leaf, torch.ones_like(y))


@misconception(
    replaces="vjp",
    hint="Try a v with one entry. Does your function notice?",
    fails=["vjp_refuses"],
)
def vjp_broadcasts(f, x, v):
    leaf, y = begun(f, x)
    if v.numel() not in (1, y.numel()):
        raise ValueError("shapes")
    return y.detach(), pulled(y, leaf, v.expand_as(y))


@misconception(
    replaces="vjp",
    hint="A v that does not fit: which exception does the handout ask for, and which one comes?",
    fails=["vjp_refuses"],
)
def vjp_leaves_it_to_torch(f, x, v):
    leaf, y = begun(f, x)
    return y.detach(), pulled(y, leaf, v)


@misconception(
    replaces="vjp",
    hint="The function may not depend on x at all. What is J then?",
    fails=["vjp_of_a_constant"],
)
def vjp_of_a_constant_raises(f, x, v):
    leaf, y = begun(f, x)
    fits(v, y)
    return y.detach(), torch.autograd.grad(y, leaf, v)[0]


@misconception(
    replaces="vjp",
    hint="The caller may have switched gradients off. What has your graph recorded then?",
    fails=["products_with_gradients_off"],
)
def vjp_needs_grad_mode(f, x, v):
    leaf, y = begun(f, x, enable=False)
    fits(v, y)
    return y.detach(), pulled(y, leaf, v)


@misconception(
    replaces="vjp",
    hint="Look at x.requires_grad after your call, and at the .grad of other tensors that f uses.",
    fails=["products_leave_no_trace"],
)
def vjp_by_backward(f, x, v):
    with torch.enable_grad():
        before = x.requires_grad
        x.requires_grad_()
        y = f(x)
    fits(v, y)
    if y.requires_grad:
        y.backward(v)
    g, x.grad = x.grad, None
    x.requires_grad_(before)
    return y.detach(), torch.zeros_like(x) if g is None else g


@misconception(
    replaces="vjp",
    hint="Compare the dtypes of v and of your product.",
    fails=["vjp_manners"],
)
def vjp_in_float32(f, x, v):
    leaf, y = begun(f, x)
    fits(v, y)
    return y.detach(), pulled(y, leaf, v).float()


# ---- jacobian --------------------------------------------------------------------------------------------------


def rows(f, x, enable=True, **how):
    leaf, y = begun(f, x, enable)
    with torch.enable_grad():
        return y, [pulled(each, leaf, torch.ones_like(each), **how) for each in y.reshape(-1)]


@misconception(
    replaces="jacobian",
    hint="Row 2 contains row 1. What is in .grad when your second backward begins?",
    fails=["jacobian"],
)
def jacobian_accumulates(f, x):
    y, found = rows(f, x)
    return torch.stack(found).cumsum(0).reshape(*y.shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="Which index is the output? A function from 2 numbers to 3 has 3 rows.",
    fails=["jacobian"],
)
def jacobian_transposed(f, x):
    y, found = rows(f, x)
    J = torch.stack(found).reshape(y.numel(), x.numel())
    return J.T.reshape(*y.shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="One backward pass from the sum of y adds all rows up. How many rows do you need?",
    fails=["jacobian"],
)
def jacobian_of_the_sum(f, x):
    y, found = rows(f, x)
    return torch.stack(found).sum(0).expand(*y.shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="Your numbers are right. In which shape does the handout want them, if y or x is a matrix?",
    fails=["jacobian_shapes"],
)
def jacobian_flat(f, x):
    y, found = rows(f, x)
    return torch.stack(found).reshape(y.numel(), x.numel())


@misconception(
    replaces="jacobian",
    hint="Count the calls of f. One graph can be gone backward through many times, if it is kept.",
    fails=["passes"],
)
def jacobian_calls_f_for_each_row(f, x):
    n = f(x.detach()).numel()
    found = [rows(lambda x, i=i: f(x).reshape(-1)[i], x)[1][0] for i in range(n)]
    return torch.stack(found).reshape(*f(x.detach()).shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="One backward pass gives a whole row. How many do you make for each?",
    fails=["passes"],
)
def jacobian_a_pass_for_each_entry(f, x):
    leaf, y = begun(f, x)
    J = x.new_zeros(y.numel(), x.numel())
    with torch.enable_grad():
        for i, each in enumerate(y.reshape(-1)):
            for j in range(x.numel()):
                J[i, j] = pulled(each, leaf, torch.ones_like(each)).reshape(-1)[j]
    return J.reshape(*y.shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="A number of y may not depend on x. What is in its row?",
    fails=["jacobian_of_constants"],
)
def jacobian_of_a_constant_raises(f, x):
    leaf, y = begun(f, x)
    with torch.enable_grad():
        found = [torch.autograd.grad(each, leaf, retain_graph=True)[0] for each in y.reshape(-1)]
    return torch.stack(found).reshape(*y.shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="The caller may have switched gradients off. What has your graph recorded then?",
    fails=["products_with_gradients_off"],
)
def jacobian_needs_grad_mode(f, x):
    y, found = rows(f, x, enable=False)
    return torch.stack(found).reshape(*y.shape, *x.shape)


@misconception(
    replaces="jacobian",
    hint="Look at requires_grad of your Jacobian. Who asked for a graph of the backward pass?",
    fails=["products_leave_no_trace"],
)
def jacobian_with_a_graph(f, x):
    y, found = rows(f, x, create_graph=True)
    J = torch.stack(found).reshape(*y.shape, *x.shape)
    return J if J.requires_grad else J.requires_grad_()
