"""What students get wrong in part 6, as they would write it."""

import torch

from grader.checks import misconception


def central(f, w, c, D):
    """The slope along D."""
    return (f(w + c * D) - f(w - c * D)) / (2 * c)


def coordinates(f, w, c, difference=central):
    """The estimate of all partial derivatives, one coordinate at a time."""
    return torch.stack([difference(f, w, c, D) for D in torch.eye(len(w), dtype=w.dtype)])


def signs(w, generator):
    """Independent signs."""
    return 2.0 * torch.randint(0, 2, w.shape, generator=generator).to(w.dtype) - 1


def descend(f, w0, a, c, n_steps, method, generator, *, estimate=coordinates, direction=signs, words=True):
    """Kiefer and Wolfowitz's loop, around a student's idea of the estimate or of the direction."""
    if n_steps < 0 or (words and method not in ("two_sided", "spsa")):
        raise ValueError("method or n_steps")
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        w = path[-1]
        if method == "spsa":
            D = direction(w, generator)
            path.append(w - a(k) * D * central(f, w, c(k), D))
        else:
            path.append(w - a(k) * estimate(f, w, c(k)))
    return torch.stack(path)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="On a quadratic your estimate is off by an amount proportional to c. Where are its two points?",
    fails=["kw_curved", "kw_evaluations"],
)
def one_sided(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    def forward(f, w, c):
        here = f(w)
        return coordinates(f, w, c, lambda f, w, c, D: (f(w + c * D) - here) / c)

    return descend(f, w0, a, c, n_steps, method, generator, estimate=forward)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="How far apart are the two points at which you take f? On f(w) = w your estimate should be 1.",
    fails=["kw_linear", "kw_curved"],
)
def divides_by_c_alone(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    def doubled(f, w, c):
        return 2 * coordinates(f, w, c)

    return descend(f, w0, a, c, n_steps, method, generator, estimate=doubled)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="In d dimensions, how many values of f does one of your steps ask for? Are all of them used?",
    fails=["kw_evaluations"],
)
def looks_at_f_here_too(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    def watched(f, w, c):
        f(w)
        return coordinates(f, w, c)

    return descend(f, w0, a, c, n_steps, method, generator, estimate=watched)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="What does your function do for a method that it does not know, or for n_steps = -1?",
    fails=["kw_refuses"],
)
def takes_any_method(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    return descend(f, w0, a, c, n_steps, method, generator, words=False)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="How many signs do you draw in a step? Each coordinate needs one of its own.",
    fails=["spsa_signs"],
)
def one_sign_for_all(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    def shared(w, generator):
        return signs(w[:1], generator).expand_as(w)

    return descend(f, w0, a, c, n_steps, method, generator, direction=shared)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="The entries of the direction are +1 or -1. What are yours?",
    fails=["spsa_signs"],
)
def gaussian_directions(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    def normal(w, generator):
        return torch.randn(w.shape, generator=generator, dtype=w.dtype)

    return descend(f, w0, a, c, n_steps, method, generator, direction=normal)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="The slope along D is one number. In which direction does it move w?",
    fails=["spsa_moves"],
)
def same_slope_everywhere(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    if method != "spsa":
        return descend(f, w0, a, c, n_steps, method, generator)
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        w = path[-1]
        path.append(w - a(k) * central(f, w, c(k), signs(w, generator)))
    return torch.stack(path)


@misconception(
    replaces="kiefer_wolfowitz",
    hint="Run twice with generators of the same seed. Where do your signs come from?",
    fails=["spsa_generator"],
)
def draws_from_the_global_generator(f, w0, a, c, n_steps, *, method="two_sided", generator=None):
    return descend(f, w0, a, c, n_steps, method, None)
