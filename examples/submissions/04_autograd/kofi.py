"""Kofi: why write it again if torch has it?"""

import math

import torch
import torch.nn.functional as F


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
    g, y = torch.func.grad_and_value(f)(x)
    return y, g


def vjp(f, x, v):
    y, pull = torch.func.vjp(f, x)
    return y, pull(v)[0]


def jacobian(f, x):
    return torch.autograd.functional.jacobian(f, x)


def softmax_cross_entropy(logits, target, ignore_index=-100):
    return F.cross_entropy(logits, target, ignore_index=ignore_index)


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
