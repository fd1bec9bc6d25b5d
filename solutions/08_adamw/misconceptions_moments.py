"""What students get wrong in part 1, as they would write it."""

import torch

from grader.checks import misconception


def written(grads, beta1, beta2, *, averages=None, corrected=None):
    """Walk through the gradients with one thing replaced."""
    if not grads:
        raise ValueError("no gradients")
    averages = averages or (lambda m, v, g: (beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2))
    corrected = corrected or (lambda m, v, t: (m / (1 - beta1**t), v / (1 - beta2**t)))
    m, v, history = torch.zeros_like(grads[0]), torch.zeros_like(grads[0]), []
    for t, g in enumerate(grads, 1):
        m, v = averages(m, v, g)
        history.append((m, v, *corrected(m, v, t)))
    return history


@misconception(
    replaces="adam_moments",
    hint="Feed a constant gradient: m_hat should equal it from step 1 on. Does it?",
    fails=["bias_correction"],
)
def no_bias_corr(grads, beta1=0.9, beta2=0.999):
    return written(grads, beta1, beta2, corrected=lambda m, v, t: (m.clone(), v.clone()))


@misconception(
    replaces="adam_moments",
    hint="Feed a constant gradient: v_hat should equal its square from step 1 on. Does v not start at zero as well?",
    fails=["bias_correction", "defaults_and_dtype"],
)
def bc_only_first(grads, beta1=0.9, beta2=0.999):
    return written(grads, beta1, beta2, corrected=lambda m, v, t: (m / (1 - beta1**t), v.clone()))


@misconception(
    replaces="adam_moments",
    hint="At the first step the correction divides by 1 - beta. By what do you divide there: what is your t?",
    fails=["bias_correction"],
)
def step_from_zero(grads, beta1=0.9, beta2=0.999):
    return written(
        grads, beta1, beta2, corrected=lambda m, v, t: (m / (1 - beta1 ** (t - 1)), v / (1 - beta2 ** (t - 1)))
    )


@misconception(
    replaces="adam_moments",
    hint="Each average is divided by one minus its own beta to the power t. Which beta do you use for which?",
    fails=["defaults_and_dtype"],
)
def one_beta_for_both(grads, beta1=0.9, beta2=0.999):
    return written(grads, beta1, beta2, corrected=lambda m, v, t: (m / (1 - beta1**t), v / (1 - beta1**t)))


@misconception(
    replaces="adam_moments",
    hint="v is the average of g squared, not a variance: nothing is subtracted. What is v for a constant gradient?",
    fails=["averages"],
)
def v_centered(grads, beta1=0.9, beta2=0.999):
    def averages(m, v, g):
        m = beta1 * m + (1 - beta1) * g
        return m, beta2 * v + (1 - beta2) * (g - m) ** 2

    return written(grads, beta1, beta2, averages=averages)


@misconception(
    replaces="adam_moments",
    hint="With beta = 0.9 an average remembers about ten gradients. Which gets the weight 0.9, the old or the new?",
    fails=["averages"],
)
def betas_swapped_weights(grads, beta1=0.9, beta2=0.999):
    def averages(m, v, g):
        return (1 - beta1) * m + beta1 * g, (1 - beta2) * v + beta2 * g**2

    return written(grads, beta1, beta2, averages=averages)


@misconception(
    replaces="adam_moments",
    hint="Print the first entry of your list again at the end. If it changed, the list holds one tensor many times.",
    fails=["history"],
)
def one_tensor_for_all(grads, beta1=0.9, beta2=0.999):
    m, v, history = torch.zeros_like(grads[0]), torch.zeros_like(grads[0]), []
    for t, g in enumerate(grads, 1):
        m.mul_(beta1).add_(g, alpha=1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        history.append((m, v, m / (1 - beta1**t), v / (1 - beta2**t)))
    return history


@misconception(
    replaces="adam_moments",
    hint="Compare the gradients before and after your function. An operation whose name ends in _ changes its tensor.",
    fails=["moments_leave_the_gradients"],
)
def squares_in_place(grads, beta1=0.9, beta2=0.999):
    def averages(m, v, g):
        m = beta1 * m + (1 - beta1) * g
        return m, beta2 * v + (1 - beta2) * g.mul_(g)

    return written(grads, beta1, beta2, averages=averages)


@misconception(
    replaces="adam_moments",
    hint="What should the moments of no gradient at all be? The handout says which exception is raised.",
    fails=["no_gradients"],
)
def nothing_for_nothing(grads, beta1=0.9, beta2=0.999):
    return written(grads, beta1, beta2) if grads else []
