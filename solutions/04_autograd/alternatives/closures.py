"""Closures instead of tables of slopes, and `backward(inputs=...)` instead of torch.autograd.grad."""

# ruff: noqa: D101, D102, D103, ARG004  (as a student writes it: the handout says what each does)

import heapq
import itertools
import math
from contextlib import contextmanager

import torch
from torch import nn

# ---- part 1 ----------------------------------------------------------------------------------------------------


def leaf_at(x):
    return x.detach().clone().requires_grad_(True)


def article_gradient(x):
    leaf = leaf_at(x)
    torch.mean(3 * torch.square(leaf + 2)).backward()
    return leaf.grad


def doubled(x, v):
    leaf = leaf_at(x)
    y = leaf * 2
    while y.data.norm() < 1000:
        y = y * 2
    y.backward(gradient=v)
    return y.data, leaf.grad


def gets_gradient(y, tensors):
    """Asks autograd for the gradients, which it does not store."""
    wanting = [t for t in tensors if t.is_leaf and t.requires_grad]
    if not (y.requires_grad and wanting):
        return [False] * len(tensors)
    found = torch.autograd.grad(y.sum(), wanting, retain_graph=True, allow_unused=True)
    used = [t for t, g in zip(wanting, found, strict=True) if g is not None]
    return [any(t is u for u in used) for t in tensors]


def descend(w, loss_of, lr, steps):
    losses = []
    for _ in range(steps):
        loss = loss_of(w)
        (g,) = torch.autograd.grad(loss, w)
        w.data.sub_(lr * g)
        losses.append(float(loss.detach()))
    return losses


def frozen_features(body, head, x):
    with torch.inference_mode():
        features = body(x)
    return head(features.clone())


# ---- parts 2, 3 and 6 ------------------------------------------------------------------------------------------


def evaluated(f, x):
    leaf = leaf_at(x)
    with torch.enable_grad():
        return leaf, f(leaf)


def filled(y, leaf, v):
    """The gradient of one leaf; backward(inputs=...) fills no other."""
    leaf.grad = None
    if y.requires_grad:
        y.backward(v, inputs=[leaf], retain_graph=True)
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def value_and_grad(f, x):
    leaf, y = evaluated(f, x)
    if y.dim():
        raise ValueError("f must be a scalar")
    return y.detach(), filled(y, leaf, torch.ones_like(y))


def vjp(f, x, v):
    leaf, y = evaluated(f, x)
    if v.shape != y.shape:
        raise ValueError("v must be like f(x)")
    return y.detach(), filled(y, leaf, v)


def jacobian(f, x):
    leaf, y = evaluated(f, x)
    J = x.new_zeros(y.numel(), x.numel())
    for row, unit in zip(J, torch.eye(y.numel(), dtype=y.dtype), strict=True):
        row.copy_(filled(y, leaf, unit.reshape(y.shape)).flatten())
    return J.reshape(y.shape + x.shape)


def jvp(f, x, u):
    """The linear map v -> J^T v has the transpose v -> J v, so its own backward pass is what is asked for."""
    if u.shape != x.shape:
        raise ValueError("u must be like x")
    leaf, y = evaluated(f, x)
    v = torch.ones_like(y).requires_grad_()
    if not y.requires_grad:
        return y.detach(), torch.zeros_like(y)
    with torch.enable_grad():
        (pulled,) = torch.autograd.grad(y, leaf, v, create_graph=True, allow_unused=True)
    return y.detach(), torch.zeros_like(y) if pulled is None else filled(pulled, v, u)


# ---- part 4 ----------------------------------------------------------------------------------------------------


class SoftmaxCrossEntropy(torch.autograd.Function):
    """Saves the logits and computes the softmax once more in backward, so that even a second derivative is right."""

    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        ctx.save_for_backward(logits, target)
        ctx.ignore_index = ignore_index
        rows = (target != ignore_index).nonzero()[:, 0]
        if len(rows) == 0:
            return logits.new_zeros(())
        x = logits[rows].double() if logits.dtype is torch.float64 else logits[rows].float()
        x = x - x.max(dim=1, keepdim=True).values
        losses = x.exp().sum(1).log() - x[torch.arange(len(rows)), target[rows]]
        return losses.mean().to(logits.dtype)

    @staticmethod
    def backward(ctx, grad_output):
        logits, target = ctx.saved_tensors
        rows = (target != ctx.ignore_index).nonzero()[:, 0]
        if len(rows) == 0:
            return torch.zeros_like(logits), None, None
        x = logits if logits.dtype is torch.float64 else logits.float()
        mask = torch.zeros_like(x)
        mask[rows] = 1.0 / len(rows)
        hot = torch.zeros_like(x)
        hot[rows, target[rows]] = 1.0
        return ((x.softmax(1) - hot) * mask * grad_output).to(logits.dtype), None, None


def softmax_cross_entropy(logits, target, ignore_index=-100):
    return SoftmaxCrossEntropy.apply(logits, target, ignore_index)


# ---- part 5: after micrograd, with nodes taken in the order in which they were made ---------------------------


class Var:
    count = itertools.count()

    def __init__(self, data, parents=()):
        self.data = float(data)
        self.grad = 0.0
        self.number = next(Var.count)
        self.parents = parents  # pairs: a Var, and a function from the gradient of self to its own

    @staticmethod
    def of(x):
        return x if isinstance(x, Var) else Var(x)

    def __add__(self, other):
        other = Var.of(other)
        return Var(self.data + other.data, ((self, lambda g: g), (other, lambda g: g)))

    def __mul__(self, other):
        other = Var.of(other)
        return Var(self.data * other.data, ((self, lambda g: g * other.data), (other, lambda g: g * self.data)))

    def __pow__(self, p):
        return Var(self.data**p, ((self, lambda g: g * p * self.data ** (p - 1)),))

    def exp(self):
        out = math.exp(self.data)
        return Var(out, ((self, lambda g: g * out),))

    def log(self):
        return Var(math.log(self.data), ((self, lambda g: g / self.data),))

    def tanh(self):
        out = math.tanh(self.data)
        return Var(out, ((self, lambda g: g * (1 - out**2)),))

    def relu(self):
        return Var(self.data if self.data > 0 else 0.0, ((self, lambda g: g if self.data > 0 else 0.0),))

    def backward(self):
        pending, queue = {self: 1.0}, [(-self.number, self)]
        while queue:
            _, node = heapq.heappop(queue)
            g = pending.pop(node)
            if not node.parents:
                node.grad += g
            for parent, pull in node.parents:
                if parent not in pending:
                    pending[parent] = 0.0
                    heapq.heappush(queue, (-parent.number, parent))
                pending[parent] += pull(g)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Var.of(other)

    def __rsub__(self, other):
        return Var.of(other) - self

    def __truediv__(self, other):
        return self * Var.of(other) ** -1

    def __rtruediv__(self, other):
        return Var.of(other) / self


# ---- part 7 ----------------------------------------------------------------------------------------------------


def ema_update(target, source, decay):
    ours, theirs = target.state_dict(), source.state_dict()
    if [(k, v.shape) for k, v in ours.items()] != [(k, v.shape) for k, v in theirs.items()]:
        raise ValueError("not alike")
    parameters = dict(target.named_parameters())
    for name, x in ours.items():
        x.copy_(decay * x + (1 - decay) * theirs[name] if name in parameters else theirs[name])


def td_loss(net, target_net, s, s2, r, gamma):
    label = r + gamma * target_net(s2)[:, 0]
    return nn.functional.mse_loss(net(s)[:, 0], label.detach())


class Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, g):
        return g


def ste_round(x):
    return Rounded.apply(x)


def accumulate(model, loss_fn, batches):
    sizes = [len(x) for x, _ in batches]
    losses = []
    for size, (x, y) in zip(sizes, batches, strict=True):
        loss = loss_fn(model(x), y)
        loss.backward(torch.full_like(loss, size / sum(sizes)))
        losses.append(float(loss.detach()) * size)
    return sum(losses) / sum(sizes)


# ---- part 8 ----------------------------------------------------------------------------------------------------


def shrunk(g, shape):
    while g.dim() > len(shape):
        g = g.sum(0)
    for axis, size in enumerate(shape):
        if size == 1 and g.shape[axis] != 1:
            g = g.sum(axis, keepdim=True)
    return g


class TensorVar:
    """Knows a function that turns its gradient into those of its parents."""

    numbers = itertools.count()
    off = 0

    def __init__(self, data, requires_grad=False, parents=(), back=None):
        self.data, self.grad = data, None
        self.parents, self.back = parents, back
        self.requires_grad = requires_grad
        self.leaf = back is None
        self.number = next(TensorVar.numbers)

    @property
    def shape(self):
        return self.data.shape

    def made(self, data, back, *parents):
        if TensorVar.off or not any(p.requires_grad for p in parents):
            return TensorVar(data)
        return TensorVar(data, True, parents, back)

    def like(self, x):
        return x if isinstance(x, TensorVar) else TensorVar(torch.tensor(x, dtype=self.data.dtype))

    def __add__(self, other):
        other = self.like(other)
        return self.made(self.data + other.data, lambda g: (shrunk(g, self.shape), shrunk(g, other.shape)), self, other)

    def __mul__(self, other):
        other = self.like(other)
        return self.made(
            self.data * other.data,
            lambda g: (shrunk(g * other.data, self.shape), shrunk(g * self.data, other.shape)),
            self,
            other,
        )

    def __pow__(self, p):
        return self.made(self.data.pow(p), lambda g: (g * p * self.data.pow(p - 1),), self)

    def __matmul__(self, other):
        return self.made(
            self.data.matmul(other.data),
            lambda g: (
                shrunk(g.matmul(other.data.transpose(-1, -2)), self.shape),
                shrunk(self.data.transpose(-1, -2).matmul(g), other.shape),
            ),
            self,
            other,
        )

    def exp(self):
        y = torch.exp(self.data)
        return self.made(y, lambda g: (g * y,), self)

    def log(self):
        return self.made(torch.log(self.data), lambda g: (g / self.data,), self)

    def tanh(self):
        y = torch.tanh(self.data)
        return self.made(y, lambda g: (g - g * y * y,), self)

    def relu(self):
        y = torch.where(self.data > 0, self.data, 0.0)
        return self.made(y, lambda g: (torch.where(self.data > 0, g, 0.0),), self)

    def sum(self, dim=None, keepdim=False):
        if dim is None:
            return self.made(self.data.sum(), lambda g: (torch.ones_like(self.data) * g,), self)
        kept = list(self.shape)
        kept[dim] = 1
        data = self.data.sum(dim=dim, keepdim=keepdim)
        return self.made(data, lambda g: (torch.ones_like(self.data) * g.reshape(kept),), self)

    def mean(self, dim=None, keepdim=False):
        n = self.data.numel() if dim is None else self.shape[dim]
        return self.sum(dim, keepdim) * (1.0 / n)

    def reshape(self, *shape):
        return self.made(self.data.reshape(*shape), lambda g: (g.reshape(*self.shape),), self)

    def transpose(self, i, j):
        return self.made(self.data.transpose(i, j), lambda g: (g.transpose(i, j),), self)

    def __getitem__(self, index):
        def back(g):
            out = torch.zeros_like(self.data)
            if isinstance(index, torch.Tensor):
                out.index_put_((index,), g, accumulate=True)
            else:
                out[index] = g
            return (out,)

        return self.made(self.data[index], back, self)

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self.like(other)

    def __truediv__(self, other):
        return self * self.like(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self.like(other) - self

    def __rtruediv__(self, other):
        return self.like(other) / self

    def backward(self, grad=None, retain_graph=False):
        if not self.requires_grad:
            raise RuntimeError("no graph")
        if grad is None:
            if self.data.numel() > 1:
                raise RuntimeError("grad can be left out for a scalar only")
            grad = torch.ones_like(self.data)
        if grad.shape != self.shape:
            raise ValueError("grad has another shape")
        pending, queue = {self: grad}, [(-self.number, self)]
        while queue:
            _, node = heapq.heappop(queue)
            g = pending.pop(node)
            if node.leaf:
                node.grad = g.clone() if node.grad is None else node.grad + g
                continue
            if node.back is None:
                raise RuntimeError("the graph is gone")
            for parent, theirs in zip(node.parents, node.back(g), strict=True):
                if not parent.requires_grad:
                    continue
                if parent in pending:
                    pending[parent] = pending[parent] + theirs
                else:
                    pending[parent] = theirs
                    heapq.heappush(queue, (-parent.number, parent))
            if not retain_graph:
                node.parents, node.back = (), None

    @staticmethod
    @contextmanager
    def no_grad():
        TensorVar.off += 1
        try:
            yield
        finally:
            TensorVar.off -= 1


# ---- part 9 ----------------------------------------------------------------------------------------------------


class Rerun(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pack, trigger, *tensors):
        fn, rebuild = pack
        ctx.pack, ctx.state = pack, torch.random.get_rng_state()
        ctx.save_for_backward(*tensors)
        return fn(*rebuild(tensors))

    @staticmethod
    def backward(ctx, g):
        fn, rebuild = ctx.pack
        leaves = [t.detach().requires_grad_(t.requires_grad) for t in ctx.saved_tensors]
        now = torch.random.get_rng_state()
        torch.random.set_rng_state(ctx.state)
        try:
            with torch.enable_grad():
                out = fn(*rebuild(leaves))
        finally:
            torch.random.set_rng_state(now)
        torch.autograd.backward([out], [g])
        return (None, None, *(leaf.grad for leaf in leaves))


def checkpoint(fn, *args):
    tensors = [x for x in args if isinstance(x, torch.Tensor)]

    plain = [None if isinstance(x, torch.Tensor) else x for x in args]
    is_tensor = [isinstance(x, torch.Tensor) for x in args]

    def rebuilt(found):
        found = iter(found)
        return [next(found) if tensor else x for tensor, x in zip(is_tensor, plain, strict=True)]

    return Rerun.apply((fn, rebuilt), torch.empty(0, requires_grad=True), *tensors)


def checkpoint_sequential(layers, x, segments):
    size = math.ceil(len(layers) / segments)
    for i in range(0, len(layers), size):
        x = checkpoint(lambda h, run=layers[i : i + size]: chain(run, h), x)
    return x


def chain(layers, h):
    for layer in layers:
        h = layer(h)
    return h
