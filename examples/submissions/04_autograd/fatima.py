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
    raise NotImplementedError("article_gradient: see README.md, part 1")


# %%
def doubled(x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    r"""Double x, and go on while the norm of what comes of it is below 1000. Return (y, J^T v), J = dy/dx.

    Shapes:
        x, v: any one shape, x not zero; returns two tensors of that shape, neither with a graph

    Source:
        PyTorch, "A 60 minute blitz", Autograd: its second example, in which v is (0.1, 1.0, 0.0001).
    """
    raise NotImplementedError("doubled: see README.md, part 1")


# %%
def gets_gradient(y: Tensor, tensors: Sequence[Tensor]) -> list[bool]:
    """Say of each tensor whether it is a leaf that `y.backward(...)` would put a gradient into, without calling it.

    The graph begins at `y.grad_fn`. A node of it knows the nodes behind it, `node.next_functions`, as pairs of which
    the first is a node or None. Behind a leaf's node there is nothing, and the leaf is its `variable`.
    """
    raise NotImplementedError("gets_gradient: see README.md, part 1")


# %%
def descend(w: Tensor, loss_of: Callable[[Tensor], Tensor], lr: float, steps: int) -> list[float]:
    """Go down some steps of gradient descent, changing w in place. Return the loss before each step.

    w is a leaf that requires a gradient, and still is afterwards. What was in `w.grad` before the call does not count.
    """
    raise NotImplementedError("descend: see README.md, part 1")


# %%
def frozen_features(body: nn.Module, head: nn.Module, x: Tensor) -> Tensor:
    """Return head(body(x)), with a graph through the head alone: nothing of the body is kept for a backward pass."""
    raise NotImplementedError("frozen_features: see README.md, part 1")


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
    raise NotImplementedError("value_and_grad: see README.md, part 2")


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
    raise NotImplementedError("vjp: see README.md, part 3")


# %%
def jacobian(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    r"""Return the Jacobian, dy_i/dx_j at [i, j], by one backward pass for each number of y. f is called once.

    Shapes:
        x: any; returns (*y.shape, *x.shape), without a graph
    """
    raise NotImplementedError("jacobian: see README.md, part 3")


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
        raise NotImplementedError("SoftmaxCrossEntropy.forward: see README.md, parts 4, 10")

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """Return the gradients with respect to logits, target and ignore_index. Only the first has one."""
        raise NotImplementedError("SoftmaxCrossEntropy.backward: see README.md, parts 4, 10")


# %%
def softmax_cross_entropy(logits: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    r"""Return the mean over all rows whose target is not `ignore_index`, or 0 if there is none.

    Shapes:
        logits: (N, C)   target: (N,), int64
        returns (), in the dtype of the logits
    """
    raise NotImplementedError("softmax_cross_entropy: see README.md, parts 4, 10")


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
        raise NotImplementedError("Var.__add__: see README.md, part 5")

    def __mul__(self, other: "Var | float") -> "Var":
        """Return self * other."""
        raise NotImplementedError("Var.__mul__: see README.md, part 5")

    def __pow__(self, exponent: float) -> "Var":
        """Return self to the power of a plain number."""
        raise NotImplementedError("Var.__pow__: see README.md, part 5")

    def exp(self) -> "Var":
        """Return e to the power of self."""
        raise NotImplementedError("Var.exp: see README.md, part 5")

    def log(self) -> "Var":
        """Return the natural logarithm."""
        raise NotImplementedError("Var.log: see README.md, part 5")

    def tanh(self) -> "Var":
        """Return the hyperbolic tangent."""
        raise NotImplementedError("Var.tanh: see README.md, part 5")

    def relu(self) -> "Var":
        """Return self where it is above 0, else 0. The slope at 0 is 0, as in torch."""
        raise NotImplementedError("Var.relu: see README.md, part 5")

    def backward(self) -> None:
        """Add to the `grad` of every leaf the derivative of self with respect to it.

        As long as the graph is deep, and in time that is proportional to its number of nodes.
        """
        raise NotImplementedError("Var.backward: see README.md, part 5")

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
    raise NotImplementedError("jvp: see README.md, part 6")


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
    raise NotImplementedError("ema_update: see README.md, part 7")


# %%
def td_loss(net: nn.Module, target_net: nn.Module, s: Tensor, s2: Tensor, r: Tensor, gamma: float) -> Tensor:
    r"""Return the mean of (V(s) - (r + gamma V'(s2)))^2. What V is to become is a label: no gradient flows through it.

    Shapes:
        s, s2: (B, D)   r: (B,)   both nets map (B, D) to (B, 1)
        returns ()

    Source:
        Sutton and Barto, "Reinforcement Learning" (2018), chapter 9.3: semi-gradient TD(0).
    """
    raise NotImplementedError("td_loss: see README.md, part 7")


# %%
def ste_round(x: Tensor) -> Tensor:
    """Round, and hand gradients through as if nothing had been done: the straight-through estimator.

    Source:
        Y. Bengio, N. Leonard, A. Courville, arXiv:1308.3432.
    """
    raise NotImplementedError("ste_round: see README.md, part 7")


# %%
def accumulate(
    model: nn.Module, loss_fn: Callable[[Tensor, Tensor], Tensor], batches: Sequence[tuple[Tensor, Tensor]]
) -> float:
    """Add to .grad what one batch of all samples would, with the graph of one batch in memory at a time.

    `loss_fn(model(x), y)` is a mean over the samples of (x, y). Batches may differ in size. Return the mean loss over
    all samples.
    """
    raise NotImplementedError("accumulate: see README.md, part 7")


# %% [markdown]
# ## Part 8 (stretch): An engine for tensors


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
        raise NotImplementedError("TensorVar.__add__: see README.md, part 8")

    def __mul__(self, other: "TensorVar | float") -> "TensorVar":
        """Return self * other, broadcast as torch does."""
        raise NotImplementedError("TensorVar.__mul__: see README.md, part 8")

    def __pow__(self, exponent: float) -> "TensorVar":
        """Return self to the power of a plain number."""
        raise NotImplementedError("TensorVar.__pow__: see README.md, part 8")

    def __matmul__(self, other: "TensorVar") -> "TensorVar":
        """Return self @ other: two axes each or more, those in front broadcast."""
        raise NotImplementedError("TensorVar.__matmul__: see README.md, part 8")

    def exp(self) -> "TensorVar":
        """Return e to the power of self."""
        raise NotImplementedError("TensorVar.exp: see README.md, part 8")

    def log(self) -> "TensorVar":
        """Return the natural logarithm."""
        raise NotImplementedError("TensorVar.log: see README.md, part 8")

    def tanh(self) -> "TensorVar":
        """Return the hyperbolic tangent."""
        raise NotImplementedError("TensorVar.tanh: see README.md, part 8")

    def relu(self) -> "TensorVar":
        """Return self where it is above 0, else 0. The slope at 0 is 0."""
        raise NotImplementedError("TensorVar.relu: see README.md, part 8")

    def sum(self, dim: int | None = None, keepdim: bool = False) -> "TensorVar":
        """Return the sum over one axis, or over all."""
        raise NotImplementedError("TensorVar.sum: see README.md, part 8")

    def reshape(self, *shape: int) -> "TensorVar":
        """Return the same numbers in another shape."""
        raise NotImplementedError("TensorVar.reshape: see README.md, part 8")

    def transpose(self, dim0: int, dim1: int) -> "TensorVar":
        """Return self with two axes swapped."""
        raise NotImplementedError("TensorVar.transpose: see README.md, part 8")

    def __getitem__(self, index: int | slice | Tensor) -> "TensorVar":
        """Return self[index]: an int, a slice or an int64 tensor, which may name a row twice."""

        raise NotImplementedError("TensorVar.__getitem__: see README.md, part 8")

    def backward(self, grad: Tensor | None = None, retain_graph: bool = False) -> None:
        """Add J^T grad to the `grad` of every leaf that requires one, and throw the graph away unless told not to.

        Raises:
            RuntimeError: if self does not require a gradient, if it is no scalar and `grad` is missing, or if the
                graph was thrown away.
            ValueError: if `grad` has another shape than self.
        """
        raise NotImplementedError("TensorVar.backward: see README.md, part 8")

    @staticmethod
    @contextmanager
    def no_grad() -> Iterator[None]:
        """Let what is computed within remember nothing, and go on as before afterwards, also after an exception."""
        raise NotImplementedError("TensorVar.no_grad: see README.md, part 8")

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
def checkpoint(fn: Callable[..., Tensor], *args: object) -> Tensor:
    """Return fn(*args), keeping for backward nothing but the arguments; backward computes fn once more.

    Gradients reach the tensors among `args` and the parameters that fn has at hand. fn draws the same random numbers
    the second time, and the global generator is then as if it had drawn none.

    Source:
        T. Chen, B. Xu, C. Zhang, C. Guestrin, "Training Deep Nets with Sublinear Memory Cost", arXiv:1604.06174.
    """
    raise NotImplementedError("checkpoint: see README.md, part 9")


# %%
def checkpoint_sequential(layers: Sequence[nn.Module], x: Tensor, segments: int) -> Tensor:
    """Apply the layers one after another, in so many runs of about equal length, each of them a checkpoint."""
    raise NotImplementedError("checkpoint_sequential: see README.md, part 9")
