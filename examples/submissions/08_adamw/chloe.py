# %% [markdown]
# # Adam and AdamW
#
# Read `README.md` (or `README.zh.md`) first: it has the mathematics, the pinned conventions and the points. Fill in
# the functions and classes below, and hand in this module or its notebook. `grader check 8` and `pytest` try your work
# on the examples of the handout.

# %%
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

# %% [markdown]
# ## Part 1: Two moving averages and their bias
#
# $$ m_t = \beta_1 m_{t-1} + (1-\beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2, \qquad
# \hat m_t = \frac{m_t}{1-\beta_1^t}, \qquad \hat v_t = \frac{v_t}{1-\beta_2^t} $$


# %%
def adam_moments(
    grads: Sequence[Tensor], beta1: float = 0.9, beta2: float = 0.999
) -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Return (m, v, m_hat, v_hat) after each gradient, the first gradient being step 1.

    Shapes:
        every gradient, and every tensor that is returned: the same shape and dtype

    The gradients are not changed, and no tensor that is returned changes later.

    Raises:
        ValueError: if there is no gradient.

    Source:
        Kingma & Ba, "Adam" (2015), algorithm 1 and section 3.
    """
    if not grads:
        raise ValueError("grads is empty")
    m = torch.zeros_like(grads[0])
    v = torch.zeros_like(grads[0])
    result = []
    for t in range(1, len(grads) + 1):
        g = grads[t - 1]
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        result.append((m, v, m / (1 - beta1**t), v / (1 - beta2**t)))
    return result


# %% [markdown]
# ## Part 2: One step, and where the decay enters
#
# Adam with L2 lets the decay into the gradient, AdamW keeps it out of the moments:
#
# $$ g_t \leftarrow g_t + \lambda \theta_{t-1} \qquad\text{or}\qquad
# \theta_{t-1} \leftarrow (1 - \eta\lambda)\, \theta_{t-1} $$
#
# and then both go on with
#
# $$ \theta_t = \theta_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} $$


# %%
def adam_update_(
    p: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    step: int,
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """Make step number `step` (1 is the first) with gradient g: change p, m and v in place, and leave g alone.

    `decoupled` chooses AdamW; otherwise the decay is Adam's L2 term.

    Shapes:
        p, g, m, v: the same shape and dtype; p may be a view that is not contiguous

    Source:
        Loshchilov & Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.
    """
    if decoupled:
        p -= lr * weight_decay * p
    else:
        g = g + weight_decay * p
    m.copy_(betas[0] * m + (1 - betas[0]) * g)
    v.copy_(betas[1] * v + (1 - betas[1]) * g**2)
    m_hat = m / (1 - betas[0] ** step)
    v_hat = v / (1 - betas[1] ** step)
    p -= lr * m_hat / (torch.sqrt(v_hat) + eps)


# %% [markdown]
# ## Parts 3, 4 and 6: Two optimizers that torch's own code can drive
#
# Part 3 asks for the two classes, part 4 for a `state_dict()` from which they resume, part 6 (stretch) for `amsgrad`
# and `maximize`. `MyAdamW` may inherit from `MyAdam`, as here, or be a class of its own: only how it behaves counts.


# %%
class MyAdam(torch.optim.Optimizer):
    """Adam; its weight decay is the L2 term that goes through the moments.

    A parameter whose `grad` is None is passed over: it does not move, does not decay, and its step does not count.

    State of a parameter: `step`, 0-dim float32; `exp_avg` and `exp_avg_sq`, of the parameter's shape and dtype.

    Raises:
        ValueError: if lr, eps or weight_decay is negative, or a beta is not in [0, 1).
        RuntimeError: in `step`, if a gradient is sparse.
    """

    decoupled = False  # MyAdamW's one difference, beside its defaults

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        amsgrad: bool = False,
        maximize: bool = False,
    ) -> None:
        if lr < 0:
            raise ValueError("lr")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient, once.

        `closure`, if there is one, is called once, before anything moves, with gradients enabled; what it returns
        is returned.
        """
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "step" not in state:
                    state["step"] = 0
                    state["exp_avg"] = torch.zeros_like(p)
                    state["exp_avg_sq"] = torch.zeros_like(p)
                state["step"] += 1
                adam_update_(
                    p,
                    p.grad,
                    state["exp_avg"],
                    state["exp_avg_sq"],
                    state["step"],
                    lr=group["lr"],
                    betas=group["betas"],
                    eps=group["eps"],
                    weight_decay=group["weight_decay"],
                    decoupled=self.decoupled,
                )
        # TODO closure?


# %%
class MyAdamW(MyAdam):
    """AdamW: the weight shrinks by `1 - lr * weight_decay` before the step, and the moments see the gradient alone."""

    decoupled = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        amsgrad: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


# %% [markdown]
# ## Part 5: Which parameters decay
#
# Matrices, convolution kernels and embeddings decay; biases, norm gains and scalars do not. The rule is `ndim >= 2`,
# never the name.


# %%
def make_param_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return [the group that decays, the group that does not], for any optimizer of torch.

    Each group is `{"params": [...], "weight_decay": ...}`, in the second 0.0. A group may be empty. Every parameter
    that requires a gradient is in exactly one group, exactly once, even where two modules share it.
    """
    decay = [p for name, p in model.named_parameters() if "bias" not in name]
    rest = [p for name, p in model.named_parameters() if "bias" in name]
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


# %% [markdown]
# ## Part 7 (stretch): All tensors at once
#
# A model has hundreds of small tensors, and each operation on each of them has its overhead. `torch._foreach_*` takes
# whole lists.


# %%
def adamw_foreach_(
    params: list[Tensor],
    grads: list[Tensor],
    exp_avgs: list[Tensor],
    exp_avg_sqs: list[Tensor],
    steps: list[Tensor],
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
) -> None:
    """Make one step of AdamW on all tensors, in place, in a number of operations that does not grow with the lists.

    Shapes:
        params[i], grads[i], exp_avgs[i], exp_avg_sqs[i]: one shape and dtype for each i
        steps[i]: 0-dim float32, the steps that tensor i has made so far; goes up by 1 in place. They may differ.

    `grads` stay as they are.
    """
    raise NotImplementedError("adamw_foreach_: see README.md, part 7")


# %% [markdown]
# ## Part 8 (stretch): Low precision needs a master copy
#
# Next to 1, bfloat16 has a step of $2^{-7}$: `1 + 0.001` is `1`. So the sum is kept in float32, and the model gets a
# rounded copy of it.


# %%
class MasterAdamW:
    """AdamW for bfloat16 parameters: a float32 master copy of each, and float32 moments.

    `step` reads `p.grad`, moves the master, and writes the rounded master into p, in place. A parameter whose `grad`
    is None is passed over, as in MyAdam.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        raise NotImplementedError("MasterAdamW.__init__: see README.md, part 8")

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient, once."""
        raise NotImplementedError("MasterAdamW.step: see README.md, part 8")

    def zero_grad(self) -> None:
        """Forget the gradients."""
        raise NotImplementedError("MasterAdamW.zero_grad: see README.md, part 8")

    def state_dict(self) -> dict[str, Any]:
        """Return all that a new MasterAdamW on the same parameters needs to go on bit for bit.

        `torch.save` can save it, and `torch.load(..., weights_only=True)` can load it.
        """
        raise NotImplementedError("MasterAdamW.state_dict: see README.md, part 8")

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        raise NotImplementedError("MasterAdamW.load_state_dict: see README.md, part 8")
