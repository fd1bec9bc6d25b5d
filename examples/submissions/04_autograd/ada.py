"""Assignment 4, Ada. Everything against torch: 200 random expressions, and gradcheck for part 4."""

import heapq
import itertools
import math
from contextlib import contextmanager

import torch


def article_gradient(x):
    w = x.clone().detach().requires_grad_(True)
    out = (3 * (w + 2) ** 2).mean()
    out.backward()
    return w.grad


def doubled(x, v):
    w = x.clone().detach().requires_grad_(True)
    y = w * 2
    while y.detach().norm() < 1000:
        y = y * 2
    y.backward(v)
    return y.detach(), w.grad


def gets_gradient(y, tensors):
    if y.grad_fn is None:
        return [t is y and t.requires_grad for t in tensors]
    todo, seen, leaves = [y.grad_fn], set(), set()
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.add(id(node.variable))
        for nxt, _ in node.next_functions:
            todo.append(nxt)
    return [id(t) in leaves for t in tensors]


def descend(w, loss_of, lr, steps):
    losses = []
    for _ in range(steps):
        w.grad = None
        loss = loss_of(w)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        losses.append(loss.item())
    return losses


def frozen_features(body, head, x):
    with torch.no_grad():
        h = body(x)
    return head(h)


def value_and_grad(f, x):
    w = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        y = f(w)
    if y.dim() != 0:
        raise ValueError("f must return a scalar")
    if not y.requires_grad:
        return y.detach(), torch.zeros_like(x)
    (g,) = torch.autograd.grad(y, w, allow_unused=True)
    return y.detach(), torch.zeros_like(x) if g is None else g


def vjp(f, x, v):
    w = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        y = f(w)
    if y.shape != v.shape:
        raise ValueError("v must have the shape of f(x)")
    if not y.requires_grad:
        return y.detach(), torch.zeros_like(x)
    (g,) = torch.autograd.grad(y, w, v, allow_unused=True)
    return y.detach(), torch.zeros_like(x) if g is None else g


def jacobian(f, x):
    w = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        y = f(w)
    rows = []
    for i in range(y.numel()):
        g = None
        if y.requires_grad:
            v = torch.zeros_like(y)
            v.view(-1)[i] = 1
            (g,) = torch.autograd.grad(y, w, v, retain_graph=True, allow_unused=True)
        rows.append(torch.zeros_like(x) if g is None else g)
    return torch.stack(rows).reshape(y.shape + x.shape)


class SoftmaxCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        z = logits if logits.dtype == torch.float64 else logits.float()
        z = z - z.max(dim=1, keepdim=True).values
        e = z.exp()
        s = e.sum(dim=1, keepdim=True)
        keep = target != ignore_index
        n = max(int(keep.sum()), 1)
        t = torch.where(keep, target, torch.zeros_like(target))
        losses = s.log().squeeze(1) - z.gather(1, t.unsqueeze(1)).squeeze(1)
        ctx.save_for_backward(e / s, t, keep)
        ctx.n, ctx.dtype = n, logits.dtype
        return (losses[keep].sum() / n).to(logits.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_output):
        p, t, keep = ctx.saved_tensors
        d = p.clone()
        d[torch.arange(len(t), device=t.device), t] -= 1
        d = d * keep.unsqueeze(1) * grad_output / ctx.n
        return d.to(ctx.dtype), None, None


def softmax_cross_entropy(logits, target, ignore_index=-100):
    return SoftmaxCrossEntropy.apply(logits, target, ignore_index)


class Var:
    def __init__(self, data, inputs=(), slopes=()):
        self.data = float(data)
        self.inputs = tuple(inputs)
        self.slopes = tuple(slopes)
        self.grad = 0.0

    def __add__(self, other):
        other = other if isinstance(other, Var) else Var(other)
        return Var(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Var) else Var(other)
        return Var(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent):
        return Var(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self):
        return Var(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self):
        return Var(math.log(self.data), (self,), (1.0 / self.data,))

    def tanh(self):
        t = math.tanh(self.data)
        return Var(t, (self,), (1 - t * t,))

    def relu(self):
        return Var(max(0.0, self.data), (self,), (1.0 if self.data > 0 else 0.0,))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((x, False) for x in node.inputs)
        grads = {node: 0.0 for node in order}
        grads[self] = 1.0
        for node in reversed(order):
            if not node.inputs:
                node.grad += grads[node]
            for x, slope in zip(node.inputs, node.slopes):
                grads[x] += slope * grads[node]

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other


def jvp(f, x, u):
    if u.shape != x.shape:
        raise ValueError("u must have the shape of x")
    w = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        y = f(w)
        if not y.requires_grad:
            return y.detach(), torch.zeros_like(y)
        v = torch.zeros_like(y, requires_grad=True)
        (g,) = torch.autograd.grad(y, w, v, create_graph=True)
    if not g.requires_grad:
        return y.detach(), torch.zeros_like(y)
    (t,) = torch.autograd.grad(g, v, u, allow_unused=True)
    return y.detach(), torch.zeros_like(y) if t is None else t


@torch.no_grad()
def ema_update(target, source, decay):
    ours, theirs = target.state_dict(), source.state_dict()
    if {k: t.shape for k, t in ours.items()} != {k: t.shape for k, t in theirs.items()}:
        raise ValueError("different structure")
    for p, q in zip(target.parameters(), source.parameters()):
        p.mul_(decay).add_(q, alpha=1 - decay)
    for p, q in zip(target.buffers(), source.buffers()):
        p.copy_(q)


def td_loss(net, target_net, s, s2, r, gamma):
    with torch.no_grad():
        label = r + gamma * target_net(s2).squeeze(-1)
    return ((net(s).squeeze(-1) - label) ** 2).mean()


def ste_round(x):
    return x + (x.round() - x).detach()


def accumulate(model, loss_fn, batches):
    n = sum(x.shape[0] for x, _ in batches)
    total = 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * x.shape[0] / n
        loss.backward()
        total += loss.item()
    return total


def shrunk(g, shape):
    while g.dim() > len(shape):
        g = g.sum(0)
    for axis, size in enumerate(shape):
        if size == 1 and g.shape[axis] != 1:
            g = g.sum(axis, keepdim=True)
    return g


class TensorVar:
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
    for i in range(segments):
        run = layers[i * len(layers) // segments : (i + 1) * len(layers) // segments]
        x = checkpoint(torch.nn.Sequential(*run), x)
    return x
