"""What students get wrong in part 3, as they would write it."""

import stochastic
import torch

from grader.checks import misconception

# ---- step_conditions -------------------------------------------------------------------------------------------


def positive(c):
    """Raise what the handout asks for."""
    if not c > 0:
        raise ValueError("c must be positive")


@misconception(
    replaces="step_conditions",
    hint="What is the sum of squares at p = 1/2?",
    fails=["conditions_at_half"],
)
def half_is_enough(p, c=1.0):
    positive(c)
    return p <= 1, p >= 0.5


@misconception(
    replaces="step_conditions",
    hint="Does 1 + 1/2 + 1/3 + ... stop?",
    fails=["conditions_at_one"],
)
def one_is_too_much(p, c=1.0):
    positive(c)
    return p < 1, p > 0.5


@misconception(
    replaces="step_conditions",
    hint="The first answer is whether the sum is infinite, the second whether the sum of squares is finite. Try p = 2.",
    fails=["conditions"],
)
def both_converge(p, c=1.0):
    positive(c)
    return p > 1, p > 0.5


@misconception(
    replaces="step_conditions",
    hint="p = 0 is a constant step. Which of the two conditions does it meet?",
    fails=["conditions_without_decay"],
)
def insists_on_decay(p, c=1.0):
    positive(c)
    if p <= 0:
        raise ValueError("p must be positive")
    return p <= 1, p > 0.5


@misconception(
    replaces="step_conditions",
    hint="With c = 0 nothing ever moves. Is that a schedule?",
    fails=["refuses_c"],
)
def takes_any_c(p, c=1.0):
    return p <= 1, p > 0.5


# ---- sample_weights --------------------------------------------------------------------------------------------


@misconception(
    replaces="sample_weights",
    hint="Which later steps shrink sample k's influence? The steps before k cannot.",
    fails=["weights", "weights_of_the_mean", "weights_of_a_constant_step", "weights_of_any_steps"],
)
def shrunk_by_the_steps_before(a):
    kept = (1 - a).cumprod(0)
    before = torch.cat([torch.ones(1, dtype=a.dtype), kept])
    return torch.cat([before[-1:], a * before[:-1]])


@misconception(
    replaces="sample_weights",
    hint="With steps 1/k the first factor is 1 - a_1 = 0. What do you divide by?",
    fails=["weights_of_the_mean", "weights_of_any_steps"],
)
def divides_the_products(a):
    kept = torch.cat([torch.ones(1, dtype=a.dtype), (1 - a).cumprod(0)])
    return torch.cat([kept[-1:], a * kept[-1] / kept[1:]])


@misconception(
    replaces="sample_weights",
    hint="How many multiplications does your loop do for n = 10, and for n = 20? Begin at the last step.",
    fails=["weights_are_linear_time"],
)
def shrinks_all_at_every_step(a):
    W = torch.zeros(len(a) + 1, dtype=a.dtype)
    W[0] = 1
    for k, step in enumerate(a, 1):
        W[:k] = W[:k] * (1 - step)
        W[k] = step
    return W


@misconception(
    replaces="sample_weights",
    hint="Does your answer add up to 1? If not, whose weight is missing?",
    fails=["weights", "weights_of_few_steps"],
)
def forgets_the_start(a):
    W = stochastic.sample_weights(a)
    W[0] = 0
    return W


@misconception(
    replaces="sample_weights",
    hint="Without any step the estimate is w_0. What are the weights then, and how many?",
    fails=["weights_of_few_steps"],
)
def needs_a_step(a):
    W = [a[-1]]
    for k in range(len(a) - 1, 0, -1):
        W.append(a[k - 1] * W[-1] * (1 - a[k]) / a[k] if a[k] else a[k - 1] * (1 - a[k:]).prod())
    return torch.stack([(1 - a).prod(), *reversed(W)])


@misconception(
    replaces="sample_weights",
    hint="The steps come in float16. Of which dtype are your weights, and which of the tensors that you make says so?",
    fails=["weights_dtype"],
)
def weights_in_the_default_dtype(a):
    kept = torch.cat([torch.ones(1), (1 - a).flip(0)]).cumprod(0).flip(0)
    return torch.cat([kept[:1], a * kept[1:]])


# ---- bias_variance ---------------------------------------------------------------------------------------------


@misconception(
    replaces="bias_variance",
    hint="w_0 is a number that you chose. Does it vary from run to run?",
    fails=["variance"],
)
def start_varies_too(a, bias0, var):
    W = stochastic.sample_weights(a)
    return float(bias0 * W[0]), float(var * (W**2).sum())


@misconception(
    replaces="bias_variance",
    hint="What is the variance of 3 x, where x has variance 1?",
    fails=["variance", "variance_of_the_mean"],
)
def weights_not_squared(a, bias0, var):
    W = stochastic.sample_weights(a)
    return float(bias0 * W[0]), float(var * W[1:].sum())


@misconception(
    replaces="bias_variance",
    hint="Two steps of 1/2: how much of the first error is left after one of them, and after both?",
    fails=["bias"],
)
def subtracts_the_steps(a, bias0, var):
    W = stochastic.sample_weights(a)
    return float(bias0 * (1 - a.sum())), float(var * (W[1:] ** 2).sum())
