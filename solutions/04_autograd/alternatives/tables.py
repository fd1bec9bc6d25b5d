"""Everything from one product with the Jacobian, and both engines from a table of operations."""

# ruff: noqa: D101, D102, D103, ARG001, ARG005  (as a student writes it: the handout says what each does)

import contextlib
import math
from collections import defaultdict

import torch
from torch.nn import functional

# ---- parts 2, 3 and 6, from which part 1 follows ---------------------------------------------------------------


def linearize(f, x):
    """The value of f at x, and the linear map v -> J^T v."""
    with torch.enable_grad():
        point = torch.empty_like(x).copy_(x.detach()).requires_grad_()
        y = f(point)

    def pull(v, batched=False):
        if y.grad_fn is None:
            return x.new_zeros((*v.shape[: v.dim() - y.dim()], *x.shape))
        (g,) = torch.autograd.grad([y], [point], [v], retain_graph=True, allow_unused=True, is_grads_batched=batched)
        return x.new_zeros((*v.shape[: v.dim() - y.dim()], *x.shape)) if g is None else g

    return y.detach(), pull, (y, point)


def value_and_grad(f, x):
    y, pull, _ = linearize(f, x)
    if y.shape:
        raise ValueError(f"f(x) has the shape {list(y.shape)}")
    return y, pull(torch.ones_like(y))


def vjp(f, x, v):
    y, pull, _ = linearize(f, x)
    if tuple(v.shape) != tuple(y.shape):
        raise ValueError("v does not fit")
    return y, pull(v)


def jacobian(f, x):
    y, pull, _ = linearize(f, x)
    units = torch.eye(y.numel(), dtype=y.dtype).reshape(y.numel(), *y.shape)
    return torch.stack([pull(unit) for unit in units]).reshape(*y.shape, *x.shape)


def jvp(f, x, u):
    if tuple(u.shape) != tuple(x.shape):
        raise ValueError("u does not fit")
    y, _, (graph, point) = linearize(f, x)
    if graph.grad_fn is None:
        return y, torch.zeros_like(y)
    v = torch.ones_like(y).requires_grad_()
    with torch.enable_grad():
        (g,) = torch.autograd.grad(graph, point, v, create_graph=True, allow_unused=True)
        answer = None if g is None else torch.autograd.grad((g * u).sum(), v, allow_unused=True)[0]
    return y, torch.zeros_like(y) if answer is None else answer


# ---- part 1 ----------------------------------------------------------------------------------------------------


def article_gradient(x):
    return value_and_grad(lambda x: ((x + 2).square() * 3).mean(), x)[1]


def doubled(x, v):
    def f(x):
        y = x + x
        while y.norm() < 1000:
            y = y + y
        return y

    return vjp(f, x, v)


def gets_gradient(y, tensors):
    if y.is_leaf:
        return [y.requires_grad and t is y for t in tensors]
    stack, seen, found = [y.grad_fn], set(), []
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found.append(node.variable)
        stack.extend(edge[0] for edge in node.next_functions)
    return [any(t is leaf for leaf in found) for t in tensors]


def descend(w, loss_of, lr, steps):
    def step():
        value, slope = value_and_grad(loss_of, w)
        with torch.no_grad():
            w.add_(slope, alpha=-lr)
        return value.item()

    return [step() for _ in range(steps)]


def frozen_features(body, head, x):
    was = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        features = body(x)
    finally:
        torch.set_grad_enabled(was)
    return head(features)


# ---- part 4: the logarithms of the probabilities are what is saved ---------------------------------------------


class SoftmaxCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        x = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        x = x - x.amax(1, keepdim=True)
        log_p = x.sub_(x.exp().sum(1, keepdim=True).log())
        weights = (target != ignore_index).to(x.dtype)
        weights = weights / weights.sum().clamp(min=1)
        index = torch.where(target == ignore_index, 0, target)
        ctx.save_for_backward(log_p, index, weights)
        return -(log_p[torch.arange(len(x), device=x.device), index] * weights).sum().to(logits.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        log_p, index, weights = ctx.saved_tensors
        d = log_p.exp()
        d[torch.arange(len(d), device=d.device), index] -= 1
        d *= (weights * g)[:, None]
        return (d.to(g.dtype), None, None)


def softmax_cross_entropy(logits, target, ignore_index=-100):
    return SoftmaxCrossEntropy.apply(logits, target, ignore_index)


# ---- the two engines -------------------------------------------------------------------------------------------


def ordered(root, inputs_of):
    """The nodes behind a root, each after all that were made of it: depth first, with a stack of iterators."""
    done, order, stack = {root}, [], [(root, iter(inputs_of(root)))]
    while stack:
        node, rest = stack[-1]
        following = next((x for x in rest if x not in done), None)
        if following is None:
            order.append(node)
            stack.pop()
        else:
            done.add(following)
            stack.append((following, iter(inputs_of(following))))
    return reversed(order)


SCALAR = {  # value, and slopes given the inputs and the value
    "add": (lambda a, b: a + b, lambda a, b, y: (1.0, 1.0)),
    "mul": (lambda a, b: a * b, lambda a, b, y: (b, a)),
    "exp": (math.exp, lambda a, y: (y,)),
    "log": (math.log, lambda a, y: (1 / a,)),
    "tanh": (math.tanh, lambda a, y: (1 - y**2,)),
    "relu": (lambda a: max(a, 0.0), lambda a, y: (1.0 if a > 0 else 0.0,)),
}


class Var:
    def __init__(self, data):
        self.data, self.grad, self.came_from = float(data), 0.0, ()

    @classmethod
    def by(cls, name, *inputs):
        value, slopes = SCALAR[name] if isinstance(name, str) else name
        inputs = [x if isinstance(x, Var) else cls(x) for x in inputs]
        numbers = [x.data for x in inputs]
        out = cls(value(*numbers))
        out.came_from = tuple(zip(inputs, slopes(*numbers, out.data), strict=True))
        return out

    def __add__(self, other):
        return Var.by("add", self, other)

    def __mul__(self, other):
        return Var.by("mul", self, other)

    def __pow__(self, n):
        return Var.by((lambda a: a**n, lambda a, y: (n * a ** (n - 1),)), self)

    def __sub__(self, other):
        return self + -1 * other

    def __rsub__(self, other):
        return -1 * self + other

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, Var) else 1 / other)

    def __rtruediv__(self, other):
        return self**-1 * other

    def __neg__(self):
        return -1 * self

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return Var.by("exp", self)

    def log(self):
        return Var.by("log", self)

    def tanh(self):
        return Var.by("tanh", self)

    def relu(self):
        return Var.by("relu", self)

    def backward(self):
        grads = defaultdict(float, {self: 1.0})
        for node in ordered(self, lambda node: [x for x, _ in node.came_from]):
            for x, slope in node.came_from:
                grads[x] += slope * grads[node]
            if not node.came_from:
                node.grad += grads[node]


def fold(g, like):
    """Add up along the axes along which `like` was broadcast."""
    front = g.dim() - like.dim()
    axes = [i for i in range(g.dim()) if i < front or like.shape[i - front] != g.shape[i]]
    return g.sum(dim=axes, keepdim=True).reshape(like.shape) if axes else g


class TensorVar:
    recording = [True]  # noqa: RUF012

    def __init__(self, data, requires_grad=False):
        self.data, self.requires_grad, self.grad = data, requires_grad, None
        self.inputs, self.pull, self.gone = (), None, False

    shape = property(lambda self: self.data.shape)

    def by(self, value, pull, *others):
        inputs = (self, *[x if isinstance(x, TensorVar) else self.constant(x) for x in others])
        out = TensorVar(value(*[x.data for x in inputs]))
        if self.recording[-1] and any(x.requires_grad for x in inputs):
            out.requires_grad, out.inputs = True, inputs
            out.pull = lambda g: pull(g, out_data, *[x.data for x in inputs])
            out_data = out.data
        return out

    def constant(self, x):
        return TensorVar(self.data.new_tensor(float(x)))

    def __add__(self, other):
        return self.by(torch.add, lambda g, y, a, b: (fold(g, a), fold(g, b)), other)

    def __mul__(self, other):
        return self.by(torch.mul, lambda g, y, a, b: (fold(g * b, a), fold(g * a, b)), other)

    def __pow__(self, n):
        return self.by(lambda a: a**n, lambda g, y, a: (g * n * a ** (n - 1),))

    def __matmul__(self, other):
        return self.by(torch.matmul, lambda g, y, a, b: (fold(g @ b.mT, a), fold(a.mT @ g, b)), other)

    def exp(self):
        return self.by(torch.exp, lambda g, y, a: (g * y,))

    def log(self):
        return self.by(torch.log, lambda g, y, a: (g / a,))

    def tanh(self):
        return self.by(torch.tanh, lambda g, y, a: (g * (1 - y.square()),))

    def relu(self):
        return self.by(functional.relu, lambda g, y, a: (g * y.sign(),))

    def sum(self, dim=None, keepdim=False):
        axes = tuple(range(self.data.dim())) if dim is None else (dim % self.data.dim(),)

        def pull(g, y, a):
            kept = [1 if i in axes else n for i, n in enumerate(a.shape)]
            return (g.reshape(kept).broadcast_to(a.shape),)

        return self.by(lambda a: a.sum(dim=axes, keepdim=keepdim) if axes else a.clone(), pull)

    def mean(self, dim=None, keepdim=False):
        out = self.sum(dim, keepdim)
        return out * (out.data.numel() / self.data.numel())

    def reshape(self, *shape):
        return self.by(lambda a: a.reshape(shape), lambda g, y, a: (g.reshape(a.shape),))

    def transpose(self, dim0, dim1):
        return self.by(lambda a: a.swapaxes(dim0, dim1), lambda g, y, a: (g.swapaxes(dim0, dim1),))

    def __getitem__(self, index):
        def pull(g, y, a):
            rows = torch.arange(len(a))[index].reshape(-1)
            return (torch.zeros_like(a).index_add(0, rows, g.reshape(len(rows), *a.shape[1:])),)

        return self.by(lambda a: a[index], pull)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + other * -1

    def __rsub__(self, other):
        return self * -1 + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__

    def backward(self, grad=None, retain_graph=False):
        if grad is not None and grad.shape != self.shape:
            raise ValueError(f"{grad.shape} is not {self.shape}")
        if not self.requires_grad or (grad is None and self.data.numel() != 1):
            raise RuntimeError("there is nothing to go backward from")
        order = list(ordered(self, lambda node: [x for x in node.inputs if x.requires_grad]))
        if any(node.gone for node in order):
            raise RuntimeError("the graph has been used")
        grads = {self: torch.ones_like(self.data) if grad is None else grad.clone()}
        for node in order:
            g = grads.pop(node)
            if node.pull is None:
                node.grad = g if node.grad is None else node.grad + g
                continue
            for x, theirs in zip(node.inputs, node.pull(g), strict=True):
                if x.requires_grad:
                    grads[x] = theirs.clone() if x not in grads else grads[x] + theirs
            if not retain_graph:
                node.inputs, node.pull, node.gone = (), lambda g: (), True

    @staticmethod
    @contextlib.contextmanager
    def no_grad():
        TensorVar.recording.append(False)
        try:
            yield
        finally:
            TensorVar.recording.pop()


# ---- part 7 ----------------------------------------------------------------------------------------------------


def ema_update(target, source, decay):
    pairs = []
    for kind in ("named_parameters", "named_buffers"):
        ours, theirs = dict(getattr(target, kind)()), dict(getattr(source, kind)())
        if {n: x.shape for n, x in ours.items()} != {n: x.shape for n, x in theirs.items()}:
            raise ValueError(f"{kind} differ")
        pairs += [(kind, ours[n], theirs[n]) for n in ours]
    for kind, x, y in pairs:
        if kind == "named_parameters":
            x.data.lerp_(y.data, 1 - decay)
        else:
            x.data.copy_(y.data)


def td_loss(net, target_net, s, s2, r, gamma):
    label = (r + gamma * target_net(s2).flatten()).detach()
    return functional.mse_loss(net(s).flatten(), label)


def ste_round(x):
    return torch.round(x).detach() + x - x.detach()


def accumulate(model, loss_fn, batches):
    n = float(sum(x.shape[0] for x, _ in batches))
    mean = 0.0
    for x, y in batches:
        share = x.shape[0] / n
        loss = share * loss_fn(model(x), y)
        loss.backward()
        mean += loss.detach().item()
    return mean


# ---- part 9 ----------------------------------------------------------------------------------------------------


class Replay(torch.autograd.Function):
    """The arguments that are no tensors are kept in a function that puts them in their places."""

    @staticmethod
    def forward(ctx, call, _dummy, *tensors):
        ctx.call, ctx.rng = call, torch.get_rng_state()
        ctx.save_for_backward(*tensors)
        return call(*tensors)

    @staticmethod
    def backward(ctx, g):
        copies = [t.detach().requires_grad_(t.requires_grad) for t in ctx.saved_tensors]
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(ctx.rng)
            with torch.enable_grad():
                out = ctx.call(*copies)
        torch.autograd.backward(out, g)
        return (None, None, *[t.grad for t in copies])


def checkpoint(fn, *args):
    where = [i for i, x in enumerate(args) if torch.is_tensor(x)]
    fixed = {i: x for i, x in enumerate(args) if not torch.is_tensor(x)}
    tensors = [args[i] for i in where]

    def call(*found):
        full = fixed | dict(zip(where, found, strict=True))
        return fn(*[full[i] for i in sorted(full)])

    return Replay.apply(call, torch.empty(0, requires_grad=True), *tensors)


def checkpoint_sequential(layers, x, segments):
    for run in torch.arange(len(layers)).tensor_split(segments):
        x = checkpoint(lambda h, run=run: _through([layers[i] for i in run], h), x)
    return x


def _through(layers, h):
    for layer in layers:
        h = layer(h)
    return h
