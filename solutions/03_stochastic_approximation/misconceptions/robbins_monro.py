"""What students get wrong in part 2, as they would write it."""

import torch

from grader.checks import misconception


def examined(a, seen, k):
    """Raise what the handout asks for."""
    if not a > 0:
        raise ValueError(f"step {k} is not positive")
    if not torch.isfinite(seen).all():
        raise FloatingPointError(f"step {k} observed something that is not finite")


@misconception(
    replaces="robbins_monro",
    hint="g is positive when w is too large. Which way should w move then?",
    fails=["noise_free", "noisy", "target"],
)
def adds_the_observation(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        a, seen = step(k), g(path[-1], generator)
        examined(a, seen, k)
        path.append(path[-1] + a * (seen - target))
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="The steps are a_1, a_2, .... Which k does your first update use?",
    fails=["noise_free", "noisy", "steps_asked"],
)
def begins_with_step_zero(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k in range(n_steps):
        a, seen = step(k), g(path[-1], generator)
        examined(a, seen, k)
        path.append(path[-1] - a * (seen - target))
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="Each step may look at one noisy observation. How often does your loop call g?",
    fails=["noisy", "one_observation"],
)
def observes_twice(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        a = step(k)
        examined(a, g(path[-1], generator), k)
        path.append(path[-1] - a * (g(path[-1], generator) - target))
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="Every step needs an observation of its own, at the iterate where it stands.",
    fails=["searches", "noise_free"],
)
def observes_the_start_alone(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    seen = g(w0, generator) if n_steps else w0
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        a = step(k)
        examined(a, seen, k)
        path.append(path[-1] - a * (seen - target))
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="For n_steps = 1, how often does the body of your loop run?",
    fails=["noise_free", "noisy", "one_observation", "steps_asked"],
)
def one_step_too_few(g, w0, step, n_steps, *, generator, target=0.0):
    return looks_right(g, w0, step, n_steps - 1 if n_steps > 0 else n_steps, generator, target)


@misconception(
    replaces="robbins_monro",
    hint="Every row of your trajectory is the same tensor. What does `w -= ...` do to the rows that you have kept?",
    fails=["trajectory"],
)
def keeps_one_tensor(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    w = w0.clone()
    path = [w]
    for k in range(1, n_steps + 1):
        a, seen = step(k), g(w, generator)
        examined(a, seen, k)
        w -= a * (seen - target)
        path.append(w)
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="How many rows has a trajectory of no steps? The start is one of them.",
    fails=["no_steps", "trajectory"],
)
def leaves_out_the_start(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path, w = torch.empty(n_steps, *w0.shape, dtype=w0.dtype), w0
    for k in range(1, n_steps + 1):
        a, seen = step(k), g(w, generator)
        examined(a, seen, k)
        w = w - a * (seen - target)
        path[k - 1] = w
    return path


@misconception(
    replaces="robbins_monro",
    hint="At the root g(w) equals the target. What does your update do there?",
    fails=["target"],
)
def looks_for_a_root_of_g(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        a, seen = step(k), g(path[-1], generator)
        examined(a, seen, k)
        path.append(path[-1] - a * seen)
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="Look at w0 before and after the call: whose memory does your loop write to?",
    fails=["leaves_w0"],
)
def moves_w0(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("n_steps")
    w = w0
    path = [w.clone()]
    for k in range(1, n_steps + 1):
        a, seen = step(k), g(w, generator)
        examined(a, seen, k)
        w -= a * (seen - target)
        path.append(w.clone())
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="Whoever gives you a generator has no need of torch.manual_seed. Whose numbers does it change?",
    fails=["leaves_global_generator"],
)
def seeds_everything(g, w0, step, n_steps, *, generator, target=0.0):
    torch.manual_seed(42)
    return looks_right(g, w0, step, n_steps, generator, target)


def looks_right(g, w0, step, n_steps, generator, target, *, negative=False, any_step=False, any_number=False):
    """The recursion, with the refusals that are not left out."""
    if n_steps < 0 and not negative:
        raise ValueError("n_steps")
    path = [w0.clone()]
    for k in range(1, n_steps + 1):
        a, seen = step(k), g(path[-1], generator)
        examined(1.0 if any_step else a, torch.zeros(()) if any_number else seen, k)
        path.append(path[-1] - a * (seen - target))
    return torch.stack(path)


@misconception(
    replaces="robbins_monro",
    hint="What does your function return for n_steps = -1?",
    fails=["refuses_negative_n"],
)
def takes_a_negative_n_for_none(g, w0, step, n_steps, *, generator, target=0.0):
    return looks_right(g, w0, step, n_steps, generator, target, negative=True)


@misconception(
    replaces="robbins_monro",
    hint="What does your loop do when a schedule reaches zero, or falls below it?",
    fails=["refuses_a_step"],
)
def takes_any_step(g, w0, step, n_steps, *, generator, target=0.0):
    return looks_right(g, w0, step, n_steps, generator, target, any_step=True)


@misconception(
    replaces="robbins_monro",
    hint="One observation of NaN: what are all the iterates after it, and when would you want to hear of it?",
    fails=["not_finite"],
)
def goes_on_from_nan(g, w0, step, n_steps, *, generator, target=0.0):
    return looks_right(g, w0, step, n_steps, generator, target, any_number=True)
