# Emeka - homework 4. Var is Karpathy's micrograd, adapted.
import math

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
        d = d * keep.unsqueeze(1) / ctx.n
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
        # as in micrograd
        topo = []
        visited = set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v.inputs:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1.0
        for v in reversed(topo):
            for child, slope in zip(v.inputs, v.slopes):
                child.grad += slope * v.grad

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
