"""Run beside the student's code, which can read this file. It holds no answers."""

import gc
import sys
import weakref

import torch
from torch import nn

from grader.probing import metered


def in_double(answer):
    """An answer in float64, whatever dtype it came in: dtypes have a check of their own."""
    if isinstance(answer, (list, tuple)):
        return [in_double(x) for x in answer]
    return answer.detach().double() if isinstance(answer, torch.Tensor) else answer


def value(student, function, *args, **kwargs):
    """The answer."""
    return in_double(getattr(student, function)(*args, **kwargs))


def with_inputs(student, function, *tensors):
    """The answer as it is, and the inputs as they are afterwards."""
    return getattr(student, function)(*tensors), list(tensors)


# ---- part 1: basics --------------------------------------------------------------------------------------------


def _asked(student, y, tensors):
    return [bool(x) for x in student.gets_gradient(y, tensors)]


def leaves_of_a_shared_graph(student, a, b, c):
    """Two leaves, one of them used twice; what was made on the way; a leaf that was not used."""
    a, b, c = (x.requires_grad_() for x in (a, b, c))
    product = a * b
    return _asked(student, (product.exp() + a).sum(), [a, product, c, b])


def leaves_of_a_cut_graph(student, a, b, c, d):
    """A leaf behind detach, one behind no_grad, one that requires no gradient, and one that does."""
    a, b, d = (x.requires_grad_() for x in (a, b, d))
    with torch.no_grad():
        hidden = b * 2
    return _asked(student, (a.detach() * d + hidden * c * d).sum(), [a, b, c, d, hidden])


def leaves_of_small_graphs(student, a, b, c):
    """A leaf that is the end itself, the one operation after it, and no graph at all."""
    a, b = a.requires_grad_(), b.requires_grad_()
    made = a * 2
    return [_asked(student, a, [b, a]), _asked(student, made, [made, a, b]), _asked(student, c, [c, a])]


def trace_of_the_question(student, a, b):
    """What the question has left behind: the gradients of the leaves, and those of a backward after it."""
    a, b = a.requires_grad_(), b.requires_grad_()
    y = (a * b).exp().sum()
    answer = _asked(student, y, [a, b])
    before = [x.grad is None for x in (a, b)]
    y.backward()
    return answer, before, in_double([a.grad, b.grad])


def _bowl(A, b):
    return lambda w: (A @ w - b).square().mean()


def _descended(student, w, A, b, lr, steps, stale):
    w = w.requires_grad_()
    w.grad = stale
    losses = student.descend(w, _bowl(A, b), lr, steps)
    return w, [float(loss) for loss in losses]


def descent(student, w, A, b, lr, steps, stale=None):
    """The losses on the way down."""
    return _descended(student, w, A, b, lr, steps, stale)[1]


def end_of_the_descent(student, w, A, b, lr, steps):
    """Where w is at the end, in the memory that it had; whether it is still a leaf that requires a gradient."""
    there = w.detach()
    w, _ = _descended(student, w, A, b, lr, steps, None)
    return there, w.is_leaf and w.requires_grad


def _two_layers(W, V):
    body = nn.Sequential(nn.Linear(*W.shape[::-1], bias=False), nn.Tanh())
    head = nn.Linear(*V.shape[::-1], bias=False)
    body[0].weight, head.weight = nn.Parameter(W), nn.Parameter(V)
    return body, head


def features(student, x, W, V):
    """The answer, and the gradient of the head."""
    body, head = _two_layers(W, V)
    out = student.frozen_features(body, head, x)
    with torch.enable_grad():
        out.square().sum().backward()
    return in_double([out, head.weight.grad])


def state_of_the_body(student, x, W, V):
    """The answer; then whether gradients are still on, and whether the body has none and could still have one."""
    body, head = _two_layers(W, V)
    out = student.frozen_features(body, head, x)
    still_on = torch.is_grad_enabled()
    with torch.enable_grad():
        (out * head.weight.sum()).sum().backward()
    weight = body[0].weight
    return in_double(out), still_on, weight.grad is None, weight.requires_grad


def saved_by_features(student, x, W, V):
    """The answer, and the bytes that are kept for its backward pass."""
    body, head = _two_layers(W, V)
    with metered() as used:
        out = student.frozen_features(body, head, x)
    return in_double(out), used.counts()["saved_bytes"]


# ---- part 2: grad ----------------------------------------------------------------------------------------------


def _wave(A, shape=()):
    """A function of some numbers: (..., of n numbers) -> `shape`, by way of a matrix with a row for each number."""
    return lambda x: (A @ x.reshape(-1)).sin().reshape(shape) if shape else (A @ x.reshape(-1)).sin().square().sum()


def scalar(student, x, A):
    """A scalar function and its gradient."""
    return in_double(student.value_and_grad(_wave(A), x))


def without_gradients(student, x, A):
    """A scalar function and its gradient, where the caller has switched gradients off."""
    with torch.no_grad():
        return scalar(student, x, A)


def unused(student, x, w):
    """Three functions that do not depend on x: a constant, one that cuts x off, one of another tensor."""
    w = w.requires_grad_()
    functions = (lambda _: w.detach().sum(), lambda x: x.detach().square().sum(), lambda _: w.square().sum())
    return [in_double(student.value_and_grad(f, x.clone())) for f in functions]


def x_afterwards(student, x, grad):
    """Whether x requires a gradient, and its gradient, for two x: one that is data, one that is a leaf in training."""
    leaf = x.clone().requires_grad_()
    leaf.grad = grad
    found = []
    for point in (x, leaf):
        student.value_and_grad(lambda x: x.square().sum(), point)
        found.append((point.requires_grad, point.grad, point.grad_fn is None))
    return found


def others_afterwards(student, x, w):
    """The answer, and the gradient of another tensor that the function used."""
    w = w.requires_grad_()
    answer = student.value_and_grad(lambda x: (x * w).sin().sum(), x)
    return in_double(answer), w.grad


def attached(student, x, A):
    """The answer, and whether its two tensors have a graph."""
    y, g = student.value_and_grad(_wave(A), x)
    return in_double([y, g]), y.requires_grad, g.requires_grad


def vector_and_grad(student, x):
    """Ask for the gradient of a vector."""
    return in_double(student.value_and_grad(lambda x: x * 2, x))


def scalar_as_it_is(student, x, A):
    """Value and gradient, in their dtypes; x afterwards."""
    y, g = student.value_and_grad(_wave(A), x)
    return y, g, x


# ---- parts 3 and 6: vjp, jvp -----------------------------------------------------------------------------------


def product(student, function, x, v, A, shape):
    """The value of a function, and a product with its Jacobian."""
    return in_double(getattr(student, function)(_wave(A, tuple(shape)), x, v))


def product_without_gradients(student, function, x, v, A, shape):
    """The value of a function, and a product with its Jacobian, where the caller has switched gradients off."""
    with torch.no_grad():
        return product(student, function, x, v, A, shape)


def product_of_a_constant(student, function, x, v):
    """The products of a function that does not depend on x, and of one of which only the middle of y does."""
    partly = lambda x: torch.cat([x.detach()[:1], x[:1] * 3, x.new_ones(1)])  # noqa: E731
    return [in_double(getattr(student, function)(f, x.clone(), v.clone())) for f in (lambda x: x.new_ones(3), partly)]


def product_afterwards(student, x, v, w):
    """A vjp and a Jacobian; traces that they leave in x and in a tensor beside it; whether they have a graph."""
    w.requires_grad_()
    answers = student.vjp(lambda x: x * w, x, v), student.jacobian(lambda x: x * w, x)
    traces = [x.requires_grad, x.grad is None, w.grad is None]
    return in_double(answers), traces, [t.requires_grad for t in (*answers[0], answers[1])]


def of_wave(student, x, A, shape):
    """The Jacobian of a function of x."""
    return in_double(student.jacobian(_wave(A, tuple(shape)), x))


def of_wave_without_gradients(student, x, A, shape):
    """The Jacobian of a function of x, where the caller has switched gradients off."""
    with torch.no_grad():
        return of_wave(student, x, A, shape)


def of_constants(student, x):
    """The Jacobians of a function that does not depend on x, and of one of which only some numbers do."""
    partly = lambda x: torch.stack([x.detach()[0], x[1] * 3, x.new_ones(())])  # noqa: E731
    return [in_double(student.jacobian(f, x)) for f in (lambda x: x.new_ones(3), partly)]


def passes(student, x, A):
    """How often the function was called for its Jacobian, and gone backward through."""
    calls, backwards = [], []

    def f(x):
        calls.append(1)
        middle = x * 1
        middle.register_hook(lambda _: backwards.append(1))
        return (A @ middle).sin()

    student.jacobian(f, x)
    return len(calls), len(backwards)


def jacobian_as_it_is(student, x, A):
    """The Jacobian, in its dtype; x afterwards."""
    return student.jacobian(lambda x: (A @ x).sin(), x), x


def vjp_as_it_is(student, x, v, A):
    """Value and product, in their dtypes; x and v afterwards."""
    return *student.vjp(lambda x: (A @ x).sin(), x, v), x, v


def mismatched(student, function, x, v, A):
    """Ask for a product with a vector of another shape."""
    return in_double(getattr(student, function)(lambda x: (A @ x).sin(), x, v))


# ---- parts 4 and 10: cross_entropy -----------------------------------------------------------------------------


def loss_gradient(student, logits, target, scale=1.0, ignore_index=-100):
    """The gradient of a multiple of the loss."""
    logits.requires_grad_()
    (scale * student.softmax_cross_entropy(logits, target, ignore_index)).backward()
    return in_double(logits.grad)


def loss_and_gradient(student, logits, target):
    """The loss and its gradient."""
    loss = student.softmax_cross_entropy(logits.requires_grad_(), target)
    loss.backward()
    return in_double([loss, logits.grad])


def loss_gradient_twice(student, logits, target):
    """The gradients of two backward passes through one graph."""
    logits.requires_grad_()
    loss = student.softmax_cross_entropy(logits, target)
    return [in_double(torch.autograd.grad(loss, logits, retain_graph=True)[0]) for _ in range(2)]


def second_derivative(student, logits, target, u, weight):
    """The derivative of u times the gradient; or an empty list, where asking for it raises RuntimeError."""
    logits.requires_grad_()
    loss = weight.requires_grad_() * student.softmax_cross_entropy(logits, target)
    (grad,) = torch.autograd.grad(loss, logits, create_graph=True)
    try:
        (grad * u).sum().backward()
    except RuntimeError:
        return []
    return [torch.zeros_like(logits) if logits.grad is None else in_double(logits.grad)]


def saved_by_the_loss(student, logits, target):
    """What is kept for backward, in bytes."""
    logits.requires_grad_()
    with metered() as used:
        loss = student.softmax_cross_entropy(logits, target)
    return used.counts()["saved_bytes"] if loss.requires_grad else 0


def nodes_of_the_loss(student, logits, target):
    """How many nodes of the graph are Functions written in Python, and how many tensors hang on these as attributes."""
    loss = student.softmax_cross_entropy(logits.requires_grad_(), target)
    nodes = [loss.grad_fn]
    for node in nodes:
        nodes += [following for following, _ in getattr(node, "next_functions", ()) if following not in nodes]
    own = [node for node in nodes if isinstance(node, torch.autograd.function.BackwardCFunction)]
    hanging = [x for node in own for x in _flat(list(vars(node).values())) if isinstance(x, torch.Tensor)]
    return len(own), len(hanging)


def _flat(tree):
    if isinstance(tree, dict):
        tree = list(tree.values())
    return [leaf for item in tree for leaf in _flat(item)] if isinstance(tree, (list, tuple)) else [tree]


def loss_where_it_is(student, logits, target):
    """The loss and the gradient as they are, and whether both are where the logits are."""
    logits.requires_grad_()
    loss = student.softmax_cross_entropy(logits, target)
    loss.backward()
    return loss.detach(), logits.grad, loss.device == logits.grad.device == logits.device


# ---- parts 5 and 8: var, engine --------------------------------------------------------------------------------

BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "matmul": lambda a, b: a @ b,
    "radd": lambda a, b: b + a,
    "rsub": lambda a, b: b - a,
    "rmul": lambda a, b: b * a,
    "rdiv": lambda a, b: b / a,
    "index": lambda a, b: a[b],
    "rows": lambda a, b: a[b[0] : b[1]],
    "reshape": lambda a, b: a.reshape(*b),
    "transpose": lambda a, b: a.transpose(*b),
    "sum": lambda a, b: a.sum(*b),
    "mean": lambda a, b: a.mean(*b),
}


def evaluated(program, leaves):
    """All values of a program on leaves. A step is (operation, number of a value) and perhaps an operand.

    The operand is the number of another value, as "#3", or is what it is.
    """
    values = list(leaves)
    for operation, number, *operand in program:
        if operand:
            (other,) = operand
            other = values[int(other[1:])] if isinstance(other, str) else other
            values.append(BINARY[operation](values[number], other))
        else:
            values.append(getattr(values[number], operation)())
    return values


def numbers(student, cases):
    """The value of each of some expressions of Vars, and the gradients of its leaves."""
    found = []
    for program, leaves in cases:
        leaves = [student.Var(x) for x in leaves]
        y = evaluated(program, leaves)[-1]
        y.backward()
        found.append([float(y.data), [float(x.grad) for x in leaves]])
    return found


def numbers_again(student, programs, leaves):
    """The gradients of the leaves after a backward from each program's end; programs go on from one another."""
    leaves = [student.Var(x) for x in leaves]
    values, found = leaves, []
    for program in programs:
        values = evaluated(program, values)
        values[-1].backward()
        found.append([float(x.grad) for x in leaves])
    return found


def long_chain(student, x, length):
    """The end of a chain of additions, and the gradient of its beginning."""
    leaf = y = student.Var(x)
    for _ in range(length):
        y = y + 1.0
    y.backward()
    return [float(y.data), float(leaf.grad)]


def work(student, x, depths):
    """The gradient, and the number of calls in backward, where a value is added to itself again and again."""
    found = []
    for depth in depths:
        leaf = y = student.Var(x)
        for _ in range(depth):
            y = y + y
        calls = []
        sys.setprofile(lambda _frame, event, _arg, calls=calls: calls.append(1) if "call" in event else None)
        try:
            y.backward()
        finally:
            sys.setprofile(None)
        found.append((float(leaf.grad), len(calls)))
    return found


def _arrays(student, leaves):
    return [student.TensorVar(x, requires_grad=True) for x in leaves]


def arrays(student, cases):
    """The value of each of some expressions of TensorVars, and the gradients of its leaves. Torch's autograd is off."""
    found = []
    with torch.inference_mode():
        for program, leaves, grad in cases:
            leaves = _arrays(student, leaves)
            y = evaluated(program, leaves)[-1]
            y.backward(grad)
            found.append([y.data, [x.grad for x in leaves]])
    return found


def arrays_again(student, programs, leaves):
    """The gradients of the leaves after a backward from each program's end; programs go on from one another."""
    with torch.inference_mode():
        leaves = _arrays(student, leaves)
        values, found = leaves, []
        for program in programs:
            values = evaluated(program, values)
            values[-1].backward(retain_graph=True)
            found.append([x.grad for x in leaves])
        return found


def long_chain_of_arrays(student, x, length):
    """The gradient of the beginning of a chain of additions."""
    with torch.inference_mode():
        leaf = y = student.TensorVar(x, requires_grad=True)
        for _ in range(length):
            y = y + 1.0
        y.backward(torch.ones_like(x))
        return leaf.grad


def backward_twice(student, x):
    """Go backward twice through one graph that nobody asked to keep."""
    with torch.inference_mode():
        y = (student.TensorVar(x, requires_grad=True) * 2.0).sum()
        y.backward()
        y.backward()
        return y.data


def memory_of_the_graph(student, x):
    """The gradient, and whether a value on the way is gone after backward, though its end is still there."""
    gc.freeze()  # so that the collection below looks at what is made here alone
    with torch.inference_mode():
        leaf = student.TensorVar(x, requires_grad=True)
        middle = leaf * 2.0
        watched = weakref.ref(middle)
        y = (middle * 3.0).sum()
        del middle
        y.backward()
        gc.collect()
        return leaf.grad, watched() is None, y.data


def refused(student, x, how):
    """Go backward where it cannot be: "scalar", without a gradient; "graph", without one; "shape", a wrong one."""
    with torch.inference_mode():
        y = student.TensorVar(x, requires_grad=how != "graph") + 2.0
        {"scalar": y.backward, "graph": y.sum().backward, "shape": lambda: y.backward(x[:1])}[how]()
        return y.data


def constant_and_leaf(student, a, b):
    """The gradients of a leaf and of a constant that it meets; which of three values require a gradient."""
    with torch.inference_mode():
        leaf, constant = student.TensorVar(a, requires_grad=True), student.TensorVar(b)
        y = leaf * constant
        y.sum().backward()
        return leaf.grad, constant.grad, [bool(t.requires_grad) for t in (y, constant * 2.0, constant + constant)]


def recorded_within(student, a):
    """The gradient beside a no_grad() within another, and what requires one in them, between them and after them."""
    with torch.inference_mode():
        leaf = student.TensorVar(a, requires_grad=True)
        found = []
        with student.TensorVar.no_grad():
            with student.TensorVar.no_grad():
                found.append(bool((leaf * 2.0).requires_grad))
            hidden = leaf * 3.0
            found.append(bool(hidden.requires_grad))
        (leaf * hidden).sum().backward()
        try:
            with student.TensorVar.no_grad():
                raise KeyError
        except KeyError:
            found.append(bool((leaf * 2.0).requires_grad))
        return leaf.grad, found


def given_gradient(student, x, grad):
    """The gradients after two backwards with one gradient, and that gradient afterwards."""
    with torch.inference_mode():
        leaf = student.TensorVar(x, requires_grad=True)
        leaf.backward(grad)
        leaf.reshape(*x.shape).backward(grad)
        return leaf.grad, grad


# ---- part 7: cut -----------------------------------------------------------------------------------------------


def _net(seed, outputs=1):
    """A small net with parameters and buffers that a seed draws."""
    generator = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, outputs)).double()
    for x in (*net.parameters(), net[1].running_mean, net[1].running_var):
        x.data.copy_(0.5 + torch.rand(x.shape, generator=generator, dtype=x.dtype))
    net[1].num_batches_tracked.fill_(seed % 97)
    return net.eval()


def moved(student, seeds, decay, which):
    """The parameters or the buffers of the target, after an update."""
    target, source = (_net(seed) for seed in seeds)
    student.ema_update(target, source, decay)
    return [x.detach() for x in getattr(target, which)()]


def identity_of_the_moved(student, seeds, decay):
    """What the target's old parameters are after an update; whether they are its parameters still, and leaves."""
    target, source = (_net(seed) for seed in seeds)
    before = list(target.parameters())
    student.ema_update(target, source, decay)
    facts = [q is p and p.is_leaf and p.requires_grad for p, q in zip(before, target.parameters(), strict=True)]
    return [p.detach() for p in before], facts


def refused_update(student, seeds):
    """Which exception an update between two that are not alike raises, and the target afterwards."""
    target, source = _net(seeds[0]), _net(seeds[1], outputs=2)
    raised = False
    try:
        student.ema_update(target, source, 0.5)
    except ValueError:
        raised = True
    return raised, [x.detach() for x in target.state_dict().values()]


def td(student, seeds, s, s2, r, gamma):
    """The loss, and the gradients of both nets; the second net is the first where there is one seed."""
    net, *others = [_net(seed) for seed in seeds]
    target = others[0] if others else net
    loss = student.td_loss(net, target, s.requires_grad_(), s2, r, gamma)
    loss.backward()
    found = [p.grad for p in net.parameters()], [p.grad for other in others for p in other.parameters()]
    return in_double([loss, *found])


def rounded(student, x, v):
    """The rounded values, and the gradient that comes through."""
    leaf = x.clone().requires_grad_()
    y = student.ste_round(leaf)
    y.backward(v.to(y.dtype))
    return in_double([y, leaf.grad])


def accumulated(student, seed, batches, before):
    """The loss, and the gradients, where there was one before."""
    net = _net(seed)
    for p in net.parameters():
        p.grad = torch.full_like(p, before)
    loss = student.accumulate(net, nn.functional.mse_loss, batches)
    return float(loss), [p.grad for p in net.parameters()]


def saved_while_accumulating(student, seed, batches):
    """The gradients, and the most bytes that were kept for backward at one time."""
    net = _net(seed)
    with metered() as used:
        student.accumulate(net, nn.functional.mse_loss, batches)
    return [p.grad for p in net.parameters()], used.counts()["saved_bytes"]


# ---- part 9: checkpoint ----------------------------------------------------------------------------------------


class Block(nn.Module):
    """A linear layer, dropout, another, and a number to multiply with. It counts its calls."""

    def __init__(self, W, V, p=0.5):
        super().__init__()
        self.W, self.V, self.p, self.calls = nn.Parameter(W), nn.Parameter(V), p, 0

    def forward(self, x, keep, scale):
        """(N, D) -> (N, E); keep: (N, 1), bool."""
        self.calls += 1
        hidden = nn.functional.dropout(nn.functional.gelu(x.to(self.W.dtype) @ self.W), self.p) * keep
        return (hidden @ self.V) * scale


def recomputed(student, x, keep, W, V, seed, which, p=0.5, wants=True, weighted=False):
    """The answer and some gradients: "x", "parameters"; or "rng": what is drawn after it all."""
    block = Block(W, V, p)
    x = x.requires_grad_() if wants else x.round().long()
    torch.manual_seed(seed)
    out = student.checkpoint(block, x, keep, 0.5)
    between = torch.rand(3)
    (out.double().square() if weighted else out).sum().backward()
    found = {"x": x.grad, "parameters": [block.W.grad, block.V.grad], "rng": [between, torch.rand(3)]}
    return in_double([out, found[which]])


def calls(student, x, keep, W, V):
    """How often the block is called: by the forward pass, until backward is done, and where gradients are off."""
    block = Block(W, V)
    out = student.checkpoint(block, x.requires_grad_(), keep, 0.5)
    counts = [block.calls]
    out.sum().backward()
    counts.append(block.calls)
    with torch.no_grad():
        student.checkpoint(block, x, keep, 0.5)
    return [*counts, block.calls]


def saved_by_checkpoint(student, x, keep, W, V):
    """What is kept for backward, in bytes, parameters not counted."""
    block = Block(W, V)
    with metered() as used:
        out = student.checkpoint(block, x.requires_grad_(), keep, 0.5)
    return used.counts()["saved_bytes"] if out.requires_grad else 0


def deep(student, x, weights, segments):
    """The gradient through many layers, and the most bytes that lived at once; without segments as they are."""
    layers = [nn.Sequential(nn.Linear(*W.shape, bias=False), nn.Tanh()) for W in weights]
    for layer, W in zip(layers, weights, strict=True):
        layer[0].weight = nn.Parameter(W)
    x.requires_grad_()
    with metered(saved=False) as used:
        out = student.checkpoint_sequential(layers, x, segments) if segments else nn.Sequential(*layers)(x)
        out.sum().backward()
    return in_double(x.grad), used.counts()["peak_bytes"]
