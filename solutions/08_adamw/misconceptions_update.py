"""What students get wrong in part 2, as they would write it."""

from grader.checks import misconception


def corrected(m, v, step, betas):
    """Return m_hat and v_hat."""
    return m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)


def average_(m, v, g, betas):
    """Take a gradient into both averages."""
    m.mul_(betas[0]).add_((1 - betas[0]) * g)
    v.mul_(betas[1]).add_((1 - betas[1]) * g * g)


def written_(p, g, m, v, step, lr, betas, eps, *, correct=corrected):
    """Make a step without decay, with one thing replaced."""
    average_(m, v, g, betas)
    m_hat, v_hat = correct(m, v, step, betas)
    p.sub_(lr * m_hat / (v_hat.sqrt() + eps))


@misconception(
    replaces="adam_update_",
    hint="With zero gradient, does the weight still shrink by a fixed factor? Let the decay pass by the moments.",
    fails=["decay_alone", "decay_of_the_old_weight"],
)
def coupled_in_adamw(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    written_(p, g + weight_decay * p, m, v, step, lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="With decoupled=False, after one step with zero gradient, is m still zero? An L2 term would be seen in it.",
    fails=["l2"],
)
def decoupled_in_adam(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    p.mul_(1 - lr * weight_decay)
    written_(p, g, m, v, step, lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="With zero gradient, by which factor does the weight shrink when you halve lr?",
    fails=["decay_alone"],
)
def decay_no_lr(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    if decoupled:
        p.mul_(1 - weight_decay)
    written_(p, g if decoupled else g + weight_decay * p, m, v, step, lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="With zero gradient, does the weight shrink by the same factor at step 1 and at step 100?",
    fails=["decay_alone"],
)
def decay_step_size(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    if decoupled:
        p.mul_(1 - lr * (1 - betas[1] ** step) ** 0.5 / (1 - betas[0] ** step) * weight_decay)
    written_(p, g if decoupled else g + weight_decay * p, m, v, step, lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="Which weight does the decay term use: the one before the step, or the one after it?",
    fails=["decay_of_the_old_weight"],
)
def decay_after(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    written_(p, g if decoupled else g + weight_decay * p, m, v, step, lr, betas, eps)
    if decoupled:
        p.mul_(1 - lr * weight_decay)


def with_decay(step_):
    """Make of a step without decay one that decays as it must."""

    def update_(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
        if decoupled:
            p.mul_(1 - lr * weight_decay)
        step_(p, g if decoupled else g + weight_decay * p, m, v, step, lr, betas, eps)

    update_.__name__ = step_.__name__
    return update_


@misconception(
    replaces="adam_update_",
    hint="Make gradients as small as eps: is eps added under the root, or to the root?",
    fails=["eps_outside_the_root"],
)
@with_decay
def eps_inside(p, g, m, v, step, lr, betas, eps):
    average_(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, step, betas)
    p.sub_(lr * m_hat / (v_hat + eps).sqrt())


@misconception(
    replaces="adam_update_",
    hint="Make gradients as small as eps: is eps added before v is corrected, or after?",
    fails=["eps_after_the_correction"],
)
@with_decay
def eps_before_bc(p, g, m, v, step, lr, betas, eps):
    average_(m, v, g, betas)
    step_size = lr * (1 - betas[1] ** step) ** 0.5 / (1 - betas[0] ** step)
    p.sub_(step_size * m / (v.sqrt() + eps))


@misconception(
    replaces="adam_update_",
    hint="Start from zero moments with gradient 1: the first step should be lr, whatever the betas are. Is it?",
    fails=["update_bias_correction", "update_agrees_with_torch"],
)
@with_decay
def update_no_bias_corr(p, g, m, v, step, lr, betas, eps):
    written_(p, g, m, v, step, lr, betas, eps, correct=lambda m, v, step, betas: (m, v))


@misconception(
    replaces="adam_update_",
    hint="Start from zero moments with gradient 1: the first step should be lr. Is v corrected as well as m?",
    fails=["update_bias_correction"],
)
@with_decay
def update_bc_only_first(p, g, m, v, step, lr, betas, eps):
    written_(p, g, m, v, step, lr, betas, eps, correct=lambda m, v, step, betas: (m / (1 - betas[0] ** step), v))


@misconception(
    replaces="adam_update_",
    hint="The step that is being made is number `step`, and the first is 1. Which power of beta do you use in it?",
    fails=["update_bias_correction"],
)
@with_decay
def update_step_one_late(p, g, m, v, step, lr, betas, eps):
    written_(p, g, m, v, step + 1, lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="Which is larger after one step with a large gradient: p before the step, or after? Check the sign.",
    fails=["direction"],
)
@with_decay
def uphill(p, g, m, v, step, lr, betas, eps):
    written_(p, g, m, v, step, -lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="Did the m and v that were passed in change? A name that you bind anew is a local one.",
    fails=["update_averages"],
)
@with_decay
def moments_bound_anew(p, g, m, v, step, lr, betas, eps):
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g * g
    m_hat, v_hat = corrected(m, v, step, betas)
    p.sub_(lr * m_hat / (v_hat.sqrt() + eps))


@misconception(
    replaces="adam_update_",
    hint="Compare g before and after your function when decoupled=False. `g += ...` changes the caller's tensor.",
    fails=["update_leaves_the_gradient"],
)
def grad_mutated(p, g, m, v, step, *, lr, betas, eps, weight_decay, decoupled):
    if decoupled:
        p.mul_(1 - lr * weight_decay)
    else:
        g += weight_decay * p
    written_(p, g, m, v, step, lr, betas, eps)


@misconception(
    replaces="adam_update_",
    hint="Pass a column of a matrix as p. Does the matrix change, or a copy of the column?",
    fails=["update_of_a_view"],
)
@with_decay
def makes_a_copy(p, g, m, v, step, lr, betas, eps):
    written_(p.contiguous(), g, m, v, step, lr, betas, eps)
