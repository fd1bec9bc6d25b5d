"""What students get wrong in part 7, as they would write it."""

import stochastic
import torch

from grader.checks import misconception


@misconception(
    replaces="linear_sa_moments",
    hint="Consecutive iterates share their noise. What is Cov(e_1, e_2)?",
    fails=["moments_of_the_average"],
)
def iterates_are_independent(a, h, sigma, e0):
    mean, var, _ = stochastic.linear_sa_moments(a, h, sigma, e0)
    n = torch.arange(1, len(a) + 1, dtype=torch.float64)
    return mean, var, var[1:].cumsum(0) / n**2


@misconception(
    replaces="linear_sa_moments",
    hint="The variance of (1 - a h) e: what happens to the factor?",
    fails=["moments_variance"],
)
def decay_not_squared(a, h, sigma, e0):
    mean, _, var_avg = stochastic.linear_sa_moments(a, h, sigma, e0)
    var = [0.0]
    for step in a.tolist():
        var.append((1 - step * h) * var[-1] + (step * sigma) ** 2)
    return mean, torch.tensor(var, dtype=torch.float64), var_avg


@misconception(
    replaces="linear_sa_moments",
    hint="e_0 is given and fixed. What are your mean and variance at index 0?",
    fails=["moments_mean", "moments_variance"],
)
def begins_with_the_first_step(a, h, sigma, e0):
    mean, var, var_avg = stochastic.linear_sa_moments(a, h, sigma, e0)
    return mean[1:], var[1:], var_avg


@misconception(
    replaces="linear_sa_moments",
    hint="exp(-a h) is close to 1 - a h for small steps only. The moments are exact.",
    fails=["moments_mean"],
)
def differential_equation(a, h, sigma, e0):
    _, var, var_avg = stochastic.linear_sa_moments(a, h, sigma, e0)
    time = torch.cat([torch.zeros(1, dtype=torch.float64), a.cumsum(0)])
    return e0 * torch.exp(-h * time), var, var_avg


@misconception(
    replaces="linear_sa_moments",
    hint="How large is the matrix that you build for n = 1000? Two running numbers are enough for the sum.",
    fails=["moments_are_linear_time"],
)
def whole_covariance_matrix(a, h, sigma, e0):
    mean, var, _ = stochastic.linear_sa_moments(a, h, sigma, e0)
    n = len(a)
    L = torch.zeros(n, n, dtype=torch.float64)  # e_k = ... + sum_j L[k, j] xi_j
    for k, step in enumerate(a):
        L[k] = (1 - step * h) * L[k - 1]
        L[k, k] = -step * sigma
    sums = L.cumsum(0)
    return mean, var, (sums**2).sum(1) / torch.arange(1, n + 1, dtype=torch.float64) ** 2


@misconception(
    replaces="optimal_gain",
    hint="At 1 / (2 h) the limit of n Var e_n breaks down. Where is its minimum?",
    fails=["optimal_gain"],
)
def smallest_gain_that_works(h):
    return 1 / (2 * h)


@misconception(
    replaces="pick_schedule",
    hint="The gain 1 / h_low is right for one h. What does it cost when h is ten times as large?",
    fails=["pick_schedule"],
)
def best_for_the_lowest(h_low, h_high):
    return 1 / h_low, 1.0, False


@misconception(
    replaces="pick_schedule",
    hint="With a_k = c / k and 2 h c < 1, n Var e_n grows. Is your c large enough for the lowest h?",
    fails=["pick_schedule"],
)
def best_for_the_highest(h_low, h_high):
    return 1 / h_high, 1.0, False


@misconception(
    replaces="pick_schedule",
    hint="Your steps are so small that w_0 is never forgotten. The error has a mean as well as a variance.",
    fails=["pick_schedule"],
)
def hardly_moves(h_low, h_high):
    return 1e-4 / h_high, 0.7, True
