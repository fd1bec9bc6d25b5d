"""What students get wrong in part 1, as they would write it: gradients, and who gets one."""

import torch

from grader.checks import misconception


def out_of(x):
    return (3 * (x + 2) ** 2).mean()


# ---- article_gradient, doubled ---------------------------------------------------------------------------------


@misconception(
    replaces="article_gradient",
    hint="The example ends with a mean. What does it do to a gradient, and what would a sum do?",
    fails=["article"],
)
def sums_instead(x):
    leaf = x.detach().requires_grad_()
    (3 * (leaf + 2) ** 2).sum().backward()
    return leaf.grad


@misconception(
    replaces="article_gradient",
    hint="You return the value of the graph's end. The gradient is in the leaf, once backward has run.",
    fails=["article"],
)
def returns_the_output(x):
    return out_of(x)


@misconception(
    replaces="article_gradient",
    hint="Print the dtype of what you return for a float64 x. Where does it change?",
    fails=["basics_manners"],
)
def works_in_float32(x):
    leaf = x.detach().float().requires_grad_()
    out_of(leaf).backward()
    return leaf.grad


def gone_through(x, v, steps=None):
    leaf = x.detach().requires_grad_()
    y = leaf * 2
    while steps is None and y.detach().norm() < 1000:
        y = y * 2
    y.backward(v)
    return y.detach(), leaf.grad


@misconception(
    replaces="doubled",
    hint="Backward from a vector needs to know how much each entry of it matters. Where does your v go?",
    fails=["doubling"],
)
def forgets_v(x, v):
    return gone_through(x, torch.ones_like(v))


@misconception(
    replaces="doubled",
    hint="Try a v of which one entry is 0: does that entry of your gradient vanish?",
    fails=["doubling"],
)
def sums_v_first(x, v):
    y, g = gone_through(x, torch.ones_like(v))
    return y, g * v.sum()


@misconception(
    replaces="doubled",
    hint="How often is x doubled if it is small? The graph has as many operations as your loop has made.",
    fails=["doubling"],
)
def doubles_once(x, v):
    return gone_through(x, v, steps=1)


@misconception(
    replaces="doubled",
    hint="Which operations of your loop are on the graph? Only these does backward go through.",
    fails=["doubling"],
)
def loops_off_the_graph(x, v):
    y, _ = gone_through(x, v)
    return y, 2 * v


# ---- gets_gradient ---------------------------------------------------------------------------------------------


def reached(y):
    nodes, leaves = [y.grad_fn], set()
    for node in nodes:
        leaves.add(id(getattr(node, "variable", None)))
        nodes += [following for following, _ in node.next_functions if following is not None]
    return leaves


@misconception(
    replaces="gets_gradient",
    hint="requires_grad says that a tensor could get a gradient. Is it one that y was made of, and is it a leaf?",
    fails=["leaves"],
)
def all_that_require_one(y, tensors):
    return [t.requires_grad for t in tensors]


@misconception(
    replaces="gets_gradient",
    hint="A leaf that y was not made of: what would backward put into its .grad?",
    fails=["leaves"],
)
def all_leaves(y, tensors):
    return [t.is_leaf and t.requires_grad for t in tensors]


@misconception(
    replaces="gets_gradient",
    hint="Gradients pass through what lies between. Does backward leave one there?",
    fails=["leaves"],
)
def those_between_too(y, tensors):
    wanting = [t for t in tensors if t.requires_grad]
    if not y.requires_grad:
        return [False for _ in tensors]
    found = torch.autograd.grad(y.sum(), wanting, retain_graph=True, allow_unused=True)
    used = {id(t) for t, g in zip(wanting, found, strict=True) if g is not None}
    return [id(t) in used for t in tensors]


@misconception(
    replaces="gets_gradient",
    hint="y may be a leaf itself. What is its grad_fn then, and where does y.backward() leave a gradient?",
    fails=["small_graphs"],
)
def needs_a_grad_fn(y, tensors):
    return [False for _ in tensors] if y.grad_fn is None else [id(t) in reached(y) for t in tensors]


@misconception(
    replaces="gets_gradient",
    hint="How many steps from y did you look? Follow next_functions until there are none.",
    fails=["leaves"],
)
def looks_one_step_back(y, tensors):
    if y.grad_fn is None:
        return [t is y and y.requires_grad for t in tensors]
    near = {id(getattr(node, "variable", None)) for node, _ in y.grad_fn.next_functions}
    return [id(t) in near for t in tensors]


@misconception(
    replaces="gets_gradient",
    hint="You asked by calling backward. Look at every .grad after the question, and try backward once more.",
    fails=["asks_without_a_trace"],
)
def tries_it_out(y, tensors):
    before = [None if t.grad is None else t.grad.clone() for t in tensors]
    if y.requires_grad:
        y.backward(torch.ones_like(y), retain_graph=True)
    return [t.is_leaf and t.grad is not None and b is None for t, b in zip(tensors, before, strict=True)]
