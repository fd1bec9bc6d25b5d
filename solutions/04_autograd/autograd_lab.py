# %% [markdown]
# # Autograd
#
# Read `README.md` (or `README.zh.md`) first: it has the ideas, the pinned conventions and the points. Fill in the
# functions below, and hand in this module or its notebook. `grader check 4` and `pytest` try your work on the examples
# of the handout.

# %%
"""Assignment 4: autograd."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

# %% [markdown]
# ## Part 1: What the tutorial shows


# %%
def article_gradient(x: Tensor) -> Tensor:
    r"""Return the gradient of the tutorial's first example, out = mean(3 (x + 2)^2), with respect to x.

    Shapes:
        x: any, needs no gradient itself; returns the same shape and dtype

    Source:
        PyTorch, "A 60 minute blitz", Autograd.
    """
    # BEGIN SOLUTION
    leaf = x.detach().requires_grad_()
    y = leaf + 2
    out = (y * y * 3).mean()
    out.backward()
    return leaf.grad
    # END SOLUTION


# %%
def doubled(x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    r"""Double x, and go on while the norm of what comes of it is below 1000. Return (y, J^T v), J = dy/dx.

    Shapes:
        x, v: any one shape, x not zero; returns two tensors of that shape, neither with a graph

    Source:
        PyTorch, "A 60 minute blitz", Autograd: its second example, in which v is (0.1, 1.0, 0.0001).
    """
    # BEGIN SOLUTION
    leaf = x.detach().requires_grad_()
    y = leaf * 2
    while y.detach().norm() < 1000:
        y = y * 2
    y.backward(v)
    return y.detach(), leaf.grad
    # END SOLUTION


# %%
def gets_gradient(y: Tensor, tensors: Sequence[Tensor]) -> list[bool]:
    """Say of each tensor whether it is a leaf that `y.backward(...)` would put a gradient into, without calling it.

    The graph begins at `y.grad_fn`. A node of it knows the nodes behind it, `node.next_functions`, as pairs of which
    the first is a node or None. Behind a leaf's node there is nothing, and the leaf is its `variable`.
    """
    # BEGIN SOLUTION
    if y.grad_fn is None:
        return [t is y and y.requires_grad for t in tensors]
    nodes, seen, leaves = [y.grad_fn], {y.grad_fn}, set()
    for node in nodes:  # which grows meanwhile
        leaves.add(id(getattr(node, "variable", None)))
        behind = {following for following, _ in node.next_functions if following is not None} - seen
        seen |= behind
        nodes += behind
    return [id(t) in leaves for t in tensors]
    # END SOLUTION


# %%
def descend(w: Tensor, loss_of: Callable[[Tensor], Tensor], lr: float, steps: int) -> list[float]:
    """Go down some steps of gradient descent, changing w in place. Return the loss before each step.

    w is a leaf that requires a gradient, and still is afterwards. What was in `w.grad` before the call does not count.
    """
    # BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        w.grad = None
        loss = loss_of(w)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        losses.append(loss.item())
    return losses
    # END SOLUTION


# %%
def frozen_features(body: nn.Module, head: nn.Module, x: Tensor) -> Tensor:
    """Return head(body(x)), with a graph through the head alone: nothing of the body is kept for a backward pass."""
    # BEGIN SOLUTION
    with torch.no_grad():
        features = body(x)
    return head(features)
    # END SOLUTION


# %% [markdown]
# ## Part 2: A gradient without a trace


# %%
def value_and_grad(f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return f(x) and its gradient at x, neither with a graph. Nothing else is different afterwards.

    Where f does not depend on x, the gradient is zeros. The caller may have gradients switched off.

    Shapes:
        x: any; f(x): (); the gradient is like x

    Raises:
        ValueError: if f(x) has axes.
    """
    # BEGIN SOLUTION
    leaf = x.detach().requires_grad_()  # a leaf of our own, in the memory of x
    with torch.enable_grad():
        y = f(leaf)
    if y.shape != ():
        raise ValueError(f"only a scalar has a gradient, and f(x) is {tuple(y.shape)}")
    return y.detach(), pulled_back(y, leaf, torch.ones_like(y))
    # END SOLUTION


# %%
# BEGIN SOLUTION
def pulled_back(y: Tensor, x: Tensor, v: Tensor, *, create_graph: bool = False) -> Tensor:
    """J^T v with J = dy/dx, zeros where y does not depend on x. No tensor's .grad is touched, and the graph stays."""
    if not y.requires_grad:
        return torch.zeros_like(x)
    (g,) = torch.autograd.grad(
        y, x, v, create_graph=create_graph, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    return g


# END SOLUTION

# %% [markdown]
# ## Part 3: What backward computes
#
# For $y = f(x)$ with the Jacobian $J_{ij} = \partial y_i / \partial x_j$, backward computes $J^\top v$: never J itself.


# %%
def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return y = f(x) and J^T v, neither with a graph. Zeros where f does not depend on x.

    Shapes:
        x: any; v: like y; J^T v is like x

    Raises:
        ValueError: if v has another shape than y.
    """
    # BEGIN SOLUTION
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        y = f(leaf)
    if v.shape != y.shape:
        raise ValueError(f"v is {tuple(v.shape)}, and f(x) is {tuple(y.shape)}")
    return y.detach(), pulled_back(y, leaf, v)
    # END SOLUTION


# %%
def jacobian(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    r"""Return the Jacobian, dy_i/dx_j at [i, j], by one backward pass for each number of y. f is called once.

    Shapes:
        x: any; returns (*y.shape, *x.shape), without a graph
    """
    # BEGIN SOLUTION
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        y = f(leaf)
        rows = [pulled_back(y_i, leaf, torch.ones_like(y_i)) for y_i in y.reshape(-1)]
    return torch.stack(rows).reshape(*y.shape, *x.shape)
    # END SOLUTION


# %% [markdown]
# ## Part 4: A backward pass of your own
#
# $$ \ell = -\frac{1}{n} \sum_{i \,\text{kept}} \log \operatorname{softmax}(x_i)_{t_i} $$


# %%
class SoftmaxCrossEntropy(Function):
    """The mean cross entropy of softmax(logits), with a backward pass that is written by hand.

    `SoftmaxCrossEntropy.apply(logits, target, ignore_index)`: see `softmax_cross_entropy`.

    Source:
        torch, notes on "Extending PyTorch": forward, backward, and what a `ctx` is for.
    """

    @staticmethod
    def forward(ctx, logits: Tensor, target: Tensor, ignore_index: int) -> Tensor:
        """Return the loss, and save for backward what it needs: by `ctx.save_for_backward`."""
        # BEGIN SOLUTION
        x = logits.to(torch.promote_types(logits.dtype, torch.float32))  # (N, C)
        kept = target != ignore_index  # (N,)
        log_p = x - x.logsumexp(-1, keepdim=True)  # (N, C); logsumexp takes the largest out first
        picked = log_p.gather(1, target.where(kept, 0)[:, None])[:, 0]  # (N,)
        ctx.save_for_backward(log_p.exp(), target)
        ctx.ignore_index, ctx.dtype = ignore_index, logits.dtype
        return (-picked.where(kept, 0).sum() / kept.sum().clamp(min=1)).to(logits.dtype)
        # END SOLUTION

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """Return the gradients with respect to logits, target and ignore_index. Only the first has one."""
        # BEGIN SOLUTION
        p, target = ctx.saved_tensors
        kept = target != ctx.ignore_index  # (N,)
        hot = nn.functional.one_hot(target.where(kept, 0), p.shape[1])  # (N, C)
        grad = (p - hot) * (grad_output / kept.sum().clamp(min=1))
        return grad.where(kept[:, None], 0).to(ctx.dtype), None, None
        # END SOLUTION


# %%
def softmax_cross_entropy(logits: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    r"""Return the mean over all rows whose target is not `ignore_index`, or 0 if there is none.

    Shapes:
        logits: (N, C)   target: (N,), int64
        returns (), in the dtype of the logits
    """
    # BEGIN SOLUTION
    return SoftmaxCrossEntropy.apply(logits, target, ignore_index)
    # END SOLUTION


# %% [markdown]
# ## Part 5: An engine for numbers


# %%
class Var:
    """A number that remembers what it was made of.

    `data` is the number. `inputs` are the Vars that it was computed from, and `slopes` its derivatives with respect to
    each of them, at their values. A leaf has no inputs, and keeps its gradient in `grad`.
    """

    def __init__(self, data: float, inputs: Sequence["Var"] = (), slopes: Sequence[float] = ()) -> None:
        self.data = float(data)
        self.inputs = tuple(inputs)
        self.slopes = tuple(slopes)
        self.grad = 0.0

    # ---- yours: operations, whose result knows its inputs and slopes. `other` is a Var or a number ------------

    def __add__(self, other: "Var | float") -> "Var":
        """Return self + other."""
        # BEGIN SOLUTION
        other = as_var(other)
        return Var(self.data + other.data, (self, other), (1.0, 1.0))
        # END SOLUTION

    def __mul__(self, other: "Var | float") -> "Var":
        """Return self * other."""
        # BEGIN SOLUTION
        other = as_var(other)
        return Var(self.data * other.data, (self, other), (other.data, self.data))
        # END SOLUTION

    def __pow__(self, exponent: float) -> "Var":
        """Return self to the power of a plain number."""
        # BEGIN SOLUTION
        return Var(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))
        # END SOLUTION

    def exp(self) -> "Var":
        """Return e to the power of self."""
        # BEGIN SOLUTION
        y = math.exp(self.data)
        return Var(y, (self,), (y,))
        # END SOLUTION

    def log(self) -> "Var":
        """Return the natural logarithm."""
        # BEGIN SOLUTION
        return Var(math.log(self.data), (self,), (1 / self.data,))
        # END SOLUTION

    def tanh(self) -> "Var":
        """Return the hyperbolic tangent."""
        # BEGIN SOLUTION
        y = math.tanh(self.data)
        return Var(y, (self,), (1 - y * y,))
        # END SOLUTION

    def relu(self) -> "Var":
        """Return self where it is above 0, else 0. The slope at 0 is 0, as in torch."""
        # BEGIN SOLUTION
        return Var(max(self.data, 0.0), (self,), (float(self.data > 0),))
        # END SOLUTION

    def backward(self) -> None:
        """Add to the `grad` of every leaf the derivative of self with respect to it.

        As long as the graph is deep, and in time that is proportional to its number of nodes.
        """
        # BEGIN SOLUTION
        nodes, uses = [self], Counter()
        for node in nodes:  # which grows meanwhile
            nodes += [x for x in dict.fromkeys(node.inputs) if x not in uses]
            uses.update(node.inputs)
        grads, ready = {self: 1.0}, [self]
        while ready:
            node = ready.pop()  # all that was made of it has passed its gradient on
            g = grads.pop(node)
            if not node.inputs:
                node.grad += g
            for x, slope in zip(node.inputs, node.slopes, strict=True):
                grads[x] = grads.get(x, 0.0) + g * slope
                uses[x] -= 1
                if uses[x] == 0:
                    ready.append(x)
        # END SOLUTION

    # ---- given: all else follows -------------------------------------------------------------------------------

    def __neg__(self) -> "Var":
        """Return -self."""
        return self * -1.0

    def __sub__(self, other: "Var | float") -> "Var":
        """Return self - other."""
        return self + -other

    def __truediv__(self, other: "Var | float") -> "Var":
        """Return self / other."""
        return self * other**-1.0

    def __radd__(self, other: float) -> "Var":
        """Return other + self."""
        return self + other

    def __rmul__(self, other: float) -> "Var":
        """Return other * self."""
        return self * other

    def __rsub__(self, other: float) -> "Var":
        """Return other - self."""
        return -self + other

    def __rtruediv__(self, other: float) -> "Var":
        """Return other / self."""
        return self**-1.0 * other


# %%
# BEGIN SOLUTION
def as_var(x: "Var | float") -> "Var":
    """Make a constant of a number."""
    return x if isinstance(x, Var) else Var(x)


# END SOLUTION

# %% [markdown]
# ## Part 6 (stretch): Forwards, by going backwards twice


# %%
def jvp(f: Callable[[Tensor], Tensor], x: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return y = f(x) and J u, neither with a graph, by reverse mode alone. Zeros where f does not depend on x.

    Shapes:
        x: any; u: like x; J u is like y

    Raises:
        ValueError: if u has another shape than x.

    Source:
        J. Townsend, "A new trick for calculating Jacobian vector products" (2017).
    """
    # BEGIN SOLUTION
    if u.shape != x.shape:
        raise ValueError(f"u is {tuple(u.shape)}, and x is {tuple(x.shape)}")
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        y = f(leaf)
        v = torch.zeros_like(y, requires_grad=True)  # J^T v is linear in v, so its value does not matter
        g = pulled_back(y, leaf, v, create_graph=True)  # J^T v
    return y.detach(), pulled_back(g, v, u).detach()  # the Jacobian of v -> J^T v is J^T, and its transpose J
    # END SOLUTION


# %% [markdown]
# ## Part 7 (stretch): Where to cut the graph


# %%
def ema_update(target: nn.Module, source: nn.Module, decay: float) -> None:
    """Move each parameter of target to decay * its own + (1 - decay) * source's, in place; copy the buffers.

    Raises:
        ValueError: if the two do not have the same names and shapes; target is then as it was.

    Source:
        B. Polyak and A. Juditsky (1992); as a teacher of itself, Tarvainen and Valpola, "Mean teachers" (2017).
    """
    # BEGIN SOLUTION
    shapes = [{name: x.shape for name, x in model.state_dict().items()} for model in (target, source)]
    if shapes[0] != shapes[1]:
        raise ValueError("target and source are not built alike")
    with torch.no_grad():
        for p, q in zip(target.parameters(), source.parameters(), strict=True):
            p.mul_(decay).add_(q, alpha=1 - decay)
        for p, q in zip(target.buffers(), source.buffers(), strict=True):
            p.copy_(q)
    # END SOLUTION


# %%
def td_loss(net: nn.Module, target_net: nn.Module, s: Tensor, s2: Tensor, r: Tensor, gamma: float) -> Tensor:
    r"""Return the mean of (V(s) - (r + gamma V'(s2)))^2. What V is to become is a label: no gradient flows through it.

    Shapes:
        s, s2: (B, D)   r: (B,)   both nets map (B, D) to (B, 1)
        returns ()

    Source:
        Sutton and Barto, "Reinforcement Learning" (2018), chapter 9.3: semi-gradient TD(0).
    """
    # BEGIN SOLUTION
    with torch.no_grad():
        label = r + gamma * target_net(s2).squeeze(-1)  # (B,)
    return (net(s).squeeze(-1) - label).square().mean()
    # END SOLUTION


# %%
def ste_round(x: Tensor) -> Tensor:
    """Round, and hand gradients through as if nothing had been done: the straight-through estimator.

    Source:
        Y. Bengio, N. Leonard, A. Courville, arXiv:1308.3432.
    """
    # BEGIN SOLUTION
    return x + (x.round() - x).detach()
    # END SOLUTION


# %%
def accumulate(
    model: nn.Module, loss_fn: Callable[[Tensor, Tensor], Tensor], batches: Sequence[tuple[Tensor, Tensor]]
) -> float:
    """Add to .grad what one batch of all samples would, with the graph of one batch in memory at a time.

    `loss_fn(model(x), y)` is a mean over the samples of (x, y). Batches may differ in size. Return the mean loss over
    all samples.
    """
    # BEGIN SOLUTION
    samples, total = sum(len(x) for x, _ in batches), 0.0
    for x, y in batches:
        loss = loss_fn(model(x), y) * (len(x) / samples)
        loss.backward()
        total += loss.item()
    return total
    # END SOLUTION


# %% [markdown]
# ## Part 8 (stretch): An engine for tensors


# %%
# BEGIN SOLUTION
def node(data: Tensor, *edges: tuple["TensorVar", Callable[[Tensor], Tensor]]) -> "TensorVar":
    """Return a TensorVar that remembers, of each input that wants a gradient, how to take one back to it."""
    out = TensorVar(data)
    if TensorVar.recording:
        out.edges = [(x, pull) for x, pull in edges if x.requires_grad]
        out.requires_grad = bool(out.edges)
    return out


def lifted(x: "TensorVar | float", like: "TensorVar") -> "TensorVar":
    """Make a constant of a number, in the dtype of the tensor that it meets."""
    return x if isinstance(x, TensorVar) else TensorVar(torch.full_like(like.data, x))


# END SOLUTION


# %%
class TensorVar:
    """A tensor that remembers what it was made of.

    `edges` is yours to fill: what backward needs in order to go on. `None` may mean that it was thrown away.
    """

    recording = True  # False within no_grad()

    def __init__(self, data: Tensor, requires_grad: bool = False) -> None:
        self.data = data
        self.requires_grad = requires_grad
        self.grad: Tensor | None = None
        self.edges: list | None = []

    @property
    def shape(self) -> torch.Size:
        """The shape of the data."""
        return self.data.shape

    # ---- yours. `other` is a TensorVar or a number -------------------------------------------------------------

    def __add__(self, other: "TensorVar | float") -> "TensorVar":
        """Return self + other, broadcast as torch does."""
        # BEGIN SOLUTION
        a, b = self, lifted(other, self)  # an entry that broadcasting used n times collects n gradients
        return node(a.data + b.data, (a, lambda g: g.sum_to_size(a.shape)), (b, lambda g: g.sum_to_size(b.shape)))
        # END SOLUTION

    def __mul__(self, other: "TensorVar | float") -> "TensorVar":
        """Return self * other, broadcast as torch does."""
        # BEGIN SOLUTION
        a, b = self, lifted(other, self)
        return node(
            a.data * b.data,
            (a, lambda g: (g * b.data).sum_to_size(a.shape)),
            (b, lambda g: (g * a.data).sum_to_size(b.shape)),
        )
        # END SOLUTION

    def __pow__(self, exponent: float) -> "TensorVar":
        """Return self to the power of a plain number."""
        # BEGIN SOLUTION
        return node(self.data**exponent, (self, lambda g: g * exponent * self.data ** (exponent - 1)))
        # END SOLUTION

    def __matmul__(self, other: "TensorVar") -> "TensorVar":
        """Return self @ other: two axes each or more, those in front broadcast."""
        # BEGIN SOLUTION
        a, b = self, other
        return node(
            a.data @ b.data,  # (..., N, M) @ (..., M, K) -> (..., N, K)
            (a, lambda g: (g @ b.data.mT).sum_to_size(a.shape)),
            (b, lambda g: (a.data.mT @ g).sum_to_size(b.shape)),
        )
        # END SOLUTION

    def exp(self) -> "TensorVar":
        """Return e to the power of self."""
        # BEGIN SOLUTION
        y = self.data.exp()
        return node(y, (self, lambda g: g * y))
        # END SOLUTION

    def log(self) -> "TensorVar":
        """Return the natural logarithm."""
        # BEGIN SOLUTION
        return node(self.data.log(), (self, lambda g: g / self.data))
        # END SOLUTION

    def tanh(self) -> "TensorVar":
        """Return the hyperbolic tangent."""
        # BEGIN SOLUTION
        y = self.data.tanh()
        return node(y, (self, lambda g: g * (1 - y * y)))
        # END SOLUTION

    def relu(self) -> "TensorVar":
        """Return self where it is above 0, else 0. The slope at 0 is 0."""
        # BEGIN SOLUTION
        return node(self.data.clamp(min=0), (self, lambda g: g * (self.data > 0)))
        # END SOLUTION

    def sum(self, dim: int | None = None, keepdim: bool = False) -> "TensorVar":
        """Return the sum over one axis, or over all."""
        # BEGIN SOLUTION
        if dim is None:
            return node(self.data.sum(), (self, lambda g: g.expand(self.shape)))
        back = (lambda g: g) if keepdim else (lambda g: g.unsqueeze(dim))
        return node(self.data.sum(dim, keepdim), (self, lambda g: back(g).expand(self.shape)))
        # END SOLUTION

    def reshape(self, *shape: int) -> "TensorVar":
        """Return the same numbers in another shape."""
        # BEGIN SOLUTION
        return node(self.data.reshape(shape), (self, lambda g: g.reshape(self.shape)))
        # END SOLUTION

    def transpose(self, dim0: int, dim1: int) -> "TensorVar":
        """Return self with two axes swapped."""
        # BEGIN SOLUTION
        return node(self.data.transpose(dim0, dim1), (self, lambda g: g.transpose(dim0, dim1)))
        # END SOLUTION

    def __getitem__(self, index: int | slice | Tensor) -> "TensorVar":
        """Return self[index]: an int, a slice or an int64 tensor, which may name a row twice."""

        # BEGIN SOLUTION
        def back(g: Tensor) -> Tensor:
            where = torch.arange(self.data.numel(), device=g.device).reshape(self.shape)[index]
            return g.new_zeros(self.data.numel()).index_add(0, where.reshape(-1), g.reshape(-1)).reshape(self.shape)

        return node(self.data[index], (self, back))
        # END SOLUTION

    def backward(self, grad: Tensor | None = None, retain_graph: bool = False) -> None:
        """Add J^T grad to the `grad` of every leaf that requires one, and throw the graph away unless told not to.

        Raises:
            RuntimeError: if self does not require a gradient, if it is no scalar and `grad` is missing, or if the
                graph was thrown away.
            ValueError: if `grad` has another shape than self.
        """
        # BEGIN SOLUTION
        if not self.requires_grad:
            raise RuntimeError("nothing here requires a gradient")
        if grad is None and self.data.numel() != 1:
            raise RuntimeError(f"which gradient? {tuple(self.shape)} is no scalar")
        if grad is not None and grad.shape != self.shape:
            raise ValueError(f"a gradient of {tuple(grad.shape)} for {tuple(self.shape)}")
        nodes, uses = [self], Counter()
        for each in nodes:  # which grows meanwhile
            if each.edges is None:
                raise RuntimeError("the graph was thrown away: give retain_graph=True to the first backward")
            inputs = [x for x, _ in each.edges]
            nodes += [x for x in dict.fromkeys(inputs) if x not in uses]
            uses.update(inputs)
        grads, ready = {self: torch.ones_like(self.data) if grad is None else grad}, [self]
        while ready:
            each = ready.pop()  # all that was made of it has passed its gradient on
            g = grads.pop(each)
            if not each.edges:
                each.grad = g.clone() if each.grad is None else each.grad + g
            for x, pull in each.edges:
                grads[x] = grads[x] + pull(g) if x in grads else pull(g)
                uses[x] -= 1
                if uses[x] == 0:
                    ready.append(x)
            if each.edges and not retain_graph:
                each.edges = None
        # END SOLUTION

    @staticmethod
    @contextmanager
    def no_grad() -> Iterator[None]:
        """Let what is computed within remember nothing, and go on as before afterwards, also after an exception."""
        # BEGIN SOLUTION
        before, TensorVar.recording = TensorVar.recording, False
        try:
            yield
        finally:
            TensorVar.recording = before
        # END SOLUTION

    # ---- given: all else follows -------------------------------------------------------------------------------

    def mean(self, dim: int | None = None, keepdim: bool = False) -> "TensorVar":
        """Return the mean over one axis, or over all."""
        return self.sum(dim, keepdim) / (self.data.numel() if dim is None else self.shape[dim])

    def __neg__(self) -> "TensorVar":
        """Return -self."""
        return self * -1.0

    def __sub__(self, other: "TensorVar | float") -> "TensorVar":
        """Return self - other."""
        return self + -other

    def __truediv__(self, other: "TensorVar | float") -> "TensorVar":
        """Return self / other."""
        return self * other**-1.0

    def __radd__(self, other: float) -> "TensorVar":
        """Return other + self."""
        return self + other

    def __rmul__(self, other: float) -> "TensorVar":
        """Return other * self."""
        return self * other

    def __rsub__(self, other: float) -> "TensorVar":
        """Return other - self."""
        return -self + other

    def __rtruediv__(self, other: float) -> "TensorVar":
        """Return other / self."""
        return self**-1.0 * other


# %% [markdown]
# ## Part 9 (stretch): Memory for compute


# %%
# BEGIN SOLUTION
class Recomputed(Function):
    """Runs fn without a graph, and once more with one when backward asks: the spark requires a gradient."""

    @staticmethod
    def forward(ctx, _spark: Tensor, fn: Callable[..., Tensor], *args: object) -> Tensor:
        """Keep the arguments, and the state that random numbers start from."""
        ctx.fn, ctx.rng = fn, torch.get_rng_state()
        ctx.others = [None if isinstance(x, Tensor) else x for x in args]
        ctx.places = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    @once_differentiable
    def backward(ctx, g: Tensor) -> tuple[Tensor | None, ...]:
        """Recompute, and go backward through that: captured parameters get their gradients on the way."""
        args, grads = list(ctx.others), [None] * len(ctx.others)
        for i, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[i] = x.detach().requires_grad_(x.requires_grad)
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.set_rng_state(ctx.rng)
            out = ctx.fn(*args)
        if out.requires_grad:
            out.backward(g)
        for i in ctx.places:
            grads[i] = args[i].grad
        return None, None, *grads


# END SOLUTION


# %%
def checkpoint(fn: Callable[..., Tensor], *args: object) -> Tensor:
    """Return fn(*args), keeping for backward nothing but the arguments; backward computes fn once more.

    Gradients reach the tensors among `args` and the parameters that fn has at hand. fn draws the same random numbers
    the second time, and the global generator is then as if it had drawn none.

    Source:
        T. Chen, B. Xu, C. Zhang, C. Guestrin, "Training Deep Nets with Sublinear Memory Cost", arXiv:1604.06174.
    """
    # BEGIN SOLUTION
    return Recomputed.apply(torch.empty(0, requires_grad=True), fn, *args)
    # END SOLUTION


# %%
def checkpoint_sequential(layers: Sequence[nn.Module], x: Tensor, segments: int) -> Tensor:
    """Apply the layers one after another, in so many runs of about equal length, each of them a checkpoint."""
    # BEGIN SOLUTION
    bounds = [len(layers) * i // segments for i in range(segments + 1)]
    for start, stop in pairwise(bounds):
        x = checkpoint(nn.Sequential(*layers[start:stop]), x)
    return x
    # END SOLUTION
