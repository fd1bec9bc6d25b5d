"""Run beside the student's code, which can read this file. It holds no answers."""

import pickle
from contextlib import suppress

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


def power(c, p):
    """The steps c / k^p."""
    return lambda k: c / k**p


def constant(a):
    """The steps a, a, a, ..."""
    return lambda _: a


def listed(steps):
    """The steps of a list, whose entry k is a_k. Entry 0 is there so that asking for it is an answer too."""
    return lambda k: steps[k]


# ---- part 1: mean ----------------------------------------------------------------------------------------------


def estimator_of(student, x, dtype=torch.float64):
    """An estimator that has seen the rows of x."""
    estimator = student.MeanEstimator(tuple(x.shape[1:]), dtype)
    for sample in x:
        estimator.update(sample)
    return estimator


def running_means(student, x, dtype=torch.float64):
    """What `update` returns for each sample, and the mean at the end."""
    estimator = student.MeanEstimator(tuple(x.shape[1:]), dtype)
    returned = [estimator.update(sample.clone()).clone() for sample in x]
    return returned, estimator.mean


def count(student, x):
    """How many samples the estimator says that it has seen, at first and at the end."""
    return int(estimator_of(student, x[:0]).count), int(estimator_of(student, x).count)


def kept_means(student, x):
    """The returned means as they were at once, and as they are at the end, where the samples come in one buffer."""
    estimator = student.MeanEstimator(tuple(x.shape[1:]))
    buffer = torch.empty_like(x[0])
    returned, at_once, buffers = [], [], []
    for sample in x:
        buffer.copy_(sample)
        returned.append(estimator.update(buffer))
        at_once.append(returned[-1].clone())
        buffers.append(buffer.clone())
    return torch.stack(at_once), torch.stack(returned), torch.stack(buffers)


def mean_of_nothing(student, shape):
    """Ask a new estimator for its mean."""
    return student.MeanEstimator(tuple(shape)).mean


def update_with(student, shape, x):
    """Give one sample to an estimator of another shape."""
    return student.MeanEstimator(tuple(shape)).update(x)


def described(estimator, seen):
    """The count and the mean, where something was seen."""
    return int(estimator.count), estimator.mean.clone() if seen else None


def merged(student, x, y, dtype=torch.float64):
    """Two estimators before and after they are merged, and the estimator that comes of it."""
    first, second = (estimator_of(student, rows, dtype) for rows in (x, y))
    before = described(first, len(x)), described(second, len(y))
    both = described(first.merge(second), len(x) + len(y))
    return before, both, (described(first, len(x)), described(second, len(y)))


def mean_after_merging(student, x, y, more, dtype):
    """The mean of an estimator that comes of a merger, and has seen more since."""
    first, second = (estimator_of(student, rows, dtype) for rows in (x, y))
    both = first.merge(second)
    for sample in more:
        both.update(sample)
    return both.mean


def last_mean(student, x, origin):
    """The mean after all samples, in their own dtype, less the origin."""
    return estimator_of(student, x, x.dtype).mean - origin


def state_sizes(student, x, after):
    """The size of the pickled state of an estimator after so many samples."""
    return [len(pickle.dumps(estimator_of(student, x[:seen]).__reduce_ex__(2)[2:])) for seen in after]


# ---- part 2: robbins_monro -------------------------------------------------------------------------------------


def run(student, w0, h, root, steps, n, *, seed, noise=0.0, spoil=None, **target):
    """Look for h (w - root) + noise = target. `spoil` is (k, value): an observation that is not finite."""
    generator = torch.Generator().manual_seed(seed)
    seen, asked = [], []

    def g(w, generator):
        seen.append(w.detach().clone())
        observed = h * (w - root) + noise * torch.randn(w.shape, generator=generator, dtype=w.dtype)
        return observed if spoil is None or len(seen) != spoil[0] else torch.full_like(observed, spoil[1])

    def step(k):
        asked.append(int(k))
        return steps[k]

    path = student.robbins_monro(g, w0, step, n, generator=generator, **target)
    return path, seen, asked


def last_iterate(student, *args, **kwargs):
    """The last row of the trajectory."""
    return run(student, *args, **kwargs)[0][-1]


def trajectory(student, *args, **kwargs):
    """The trajectory, and the iterates at which g was observed."""
    path, seen, _ = run(student, *args, **kwargs)
    return path, seen


def observations(student, *args, **kwargs):
    """How often g was called."""
    return len(run(student, *args, **kwargs)[1])


def steps_asked(student, *args, **kwargs):
    """For which k the step was asked."""
    return sorted(set(run(student, *args, **kwargs)[2]))


def w0_after(student, w0, *args, **kwargs):
    """The start as it is when the trajectory is done."""
    run(student, w0, *args, **kwargs)
    return w0


def global_draws(student, *args, **kwargs):
    """What torch's global generator draws afterwards."""
    torch.manual_seed(0)
    run(student, *args, **kwargs)
    return torch.rand(4)


# ---- part 3: weights -------------------------------------------------------------------------------------------


def conditions(student, ps, c):
    """The two answers for each p."""
    return [[bool(answer) for answer in student.step_conditions(p, c)] for p in ps]


def errors(student, which, schedules, bias0, var):
    """One of the two numbers, for each tensor of steps."""
    return [float(student.bias_variance(a, bias0, var)[which]) for a in schedules]


class Written(TorchDispatchMode):
    """Counts the numbers that torch's operations write."""

    def __init__(self):
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run the operation and count what it returns."""
        out = func(*args, **(kwargs or {}))
        outputs = out if isinstance(out, (tuple, list)) else [out]
        self.numbers += sum(t.numel() for t in outputs if isinstance(t, Tensor))
        return out


def written_by_weights(student, a):
    """How many numbers torch's operations write for the weights, and the weights."""
    with Written() as written:
        weights = student.sample_weights(a)
    return written.numbers, weights


# ---- parts 4 and 5: sasgd, averaging ---------------------------------------------------------------------------


def leaves(w0):
    """A parameter for each tensor."""
    return [torch.nn.Parameter(w.clone()) for w in w0]


def values(tensors):
    """Copies that nothing changes later."""
    return [w.detach().clone() for w in tensors]


def take_steps(optimizer, params, noise, present=None):
    """Take a step on (w - x)^2 / 2 for each row of noise; present[k][i] says whether parameter i has a gradient."""
    iterates = []
    for k in range(len(noise[0])):
        optimizer.zero_grad(set_to_none=True)
        for i, w in enumerate(params):
            if present is None or present[k][i]:
                (0.5 * (w - noise[i][k]) ** 2).sum().backward()
        optimizer.step()
        iterates.append(values(params))
    return iterates


def sgd_once(student, w0, noise, step):
    """The parameters after the first step."""
    params = leaves(w0)
    return take_steps(student.SASGD(params, constant(step)), params, noise)[0]


def sgd_last(student, w0, noise, steps, present=None):
    """The parameters after all steps, with one schedule for all."""
    params = leaves(w0)
    optimizer = student.SASGD(params, listed(steps))
    return take_steps(optimizer, params, noise, present)[-1]


def sgd_groups(student, w0, noise, steps):
    """The iterates where every parameter is a group with a constant step of its own, the last by the default."""
    params = leaves(w0)
    rates = [constant(a) for a in steps]
    groups = [{"params": [w], "schedule": a} for w, a in zip(params[:-1], rates[:-1], strict=True)]
    optimizer = student.SASGD([*groups, {"params": params[-1:]}], rates[-1])
    return take_steps(optimizer, params, noise)


def sgd_resumed(student, w0, noise, steps, stop):
    """The last parameters of a run, and of one whose state moved to a new optimizer on the way."""
    straight = sgd_last(student, w0, noise, steps)
    params = leaves(w0)
    first = student.SASGD(params, listed(steps))
    middle = take_steps(first, params, [rows[:stop] for rows in noise])[-1]
    params = leaves(middle)
    second = student.SASGD(params, listed(steps))
    second.load_state_dict(first.state_dict())
    return straight, middle, take_steps(second, params, [rows[stop:] for rows in noise])[-1]


def sgd_closure(student, w0, x, step, n):
    """What step(closure) returns, and where it leaves the parameter."""
    (w,) = params = leaves([w0])
    optimizer = student.SASGD(params, constant(step))

    def closure():
        optimizer.zero_grad(set_to_none=True)
        loss = (0.5 * (w - x) ** 2).sum()
        loss.backward()
        return loss

    losses = [optimizer.step(closure) for _ in range(n)]
    return [None if loss is None else float(torch.as_tensor(loss).detach()) for loss in losses], w.detach().clone()


def sgd_without_closure(student, w0):
    """What step() returns."""
    return student.SASGD(leaves([w0]), constant(0.1)).step()


def make_sgd(student, average="none", burn_in=0):
    """Make an optimizer and say no more than that it could be made."""
    student.SASGD(leaves([torch.zeros(2)]), constant(0.1), average=average, burn_in=burn_in)


def averages_of_none(student):
    """Ask for the averages of an optimizer that takes none."""
    return student.SASGD(leaves([torch.zeros(2)]), constant(0.1)).averaged_parameters()


def averaging(student, w0, step, **burn_in):
    """Parameters, and an optimizer with a constant step that averages."""
    params = leaves(w0)
    return params, student.SASGD(params, constant(step), average="polyak", **burn_in)


def averages(student, w0, noise, step):
    """The averages at the end."""
    params, optimizer = averaging(student, w0, step)
    take_steps(optimizer, params, noise)
    return values(optimizer.averaged_parameters())


def watched(student, w0, noise, step, **burn_in):
    """The iterates, and the averages before the first step and after each."""
    params, optimizer = averaging(student, w0, step, **burn_in)
    iterates, history = [], [values(optimizer.averaged_parameters())]
    for k in range(len(noise[0])):
        iterates += take_steps(optimizer, params, [rows[k : k + 1] for rows in noise])
        history.append(values(optimizer.averaged_parameters()))
    return iterates, history


def averages_so_far(student, *args, **kwargs):
    """The averages before the first step and after each."""
    return watched(student, *args, **kwargs)[1]


def averaged_path(student, *args, **kwargs):
    """The iterates while they are averaged and looked at."""
    return watched(student, *args, **kwargs)[0]


def swapped(student, w0, noise, step):
    """The averages; the parameters before, in and after a `with` block, and after one that an exception leaves."""
    params, optimizer = averaging(student, w0, step)
    take_steps(optimizer, params, noise)
    means = values(optimizer.averaged_parameters())
    before = values(params)
    with optimizer.swap():
        inside = values(params)
    after = values(params)
    with suppress(KeyError), optimizer.swap():
        raise KeyError
    return means, before, inside, after, values(params)


def averages_resumed(student, w0, noise, step, stop):
    """The averages of a run; of one whose state moved to a new optimizer, before and after; its parameters."""
    straight = averages(student, w0, noise, step)
    params, first = averaging(student, w0, step)
    middle = take_steps(first, params, [rows[:stop] for rows in noise])[-1]
    before = values(first.averaged_parameters())
    params, second = averaging(student, middle, step)
    second.load_state_dict(first.state_dict())
    last = take_steps(second, params, [rows[stop:] for rows in noise])[-1]
    return straight, before, values(second.averaged_parameters()), last


# ---- part 6: kiefer_wolfowitz ----------------------------------------------------------------------------------


def descend(student, w0, slope, curve, cube, a, c, n, *, seed=None, **method):
    """Minimise slope.w + curve.w^2 / 2 + cube.w^3; a and c are (factor, power). The path, and the points asked for."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    asked = []

    def f(w):
        asked.append(w.detach().clone())
        return (slope * w + curve * w**2 / 2 + cube * w**3).sum()

    path = student.kiefer_wolfowitz(f, w0, power(*a), power(*c), n, generator=generator, **method)
    return path, asked


def kw_path(student, *args, **kwargs):
    """The trajectory."""
    return descend(student, *args, **kwargs)[0]


def kw_w0_after(student, w0, *args, **kwargs):
    """The start as it is when the trajectory is done."""
    descend(student, w0, *args, **kwargs)
    return w0


def kw_evaluations(student, *args, **kwargs):
    """How many values of f were asked for."""
    return len(descend(student, *args, **kwargs)[1])


def kw_global_draws(student, *args, **kwargs):
    """What torch's global generator draws afterwards."""
    torch.manual_seed(0)
    descend(student, *args, **kwargs)
    return torch.rand(4)


def kw_twice(student, w0, *args, seeds, **kwargs):
    """The trajectories of several seeds."""
    return [kw_path(student, w0.clone(), *args, seed=seed, **kwargs) for seed in seeds]


# ---- part 7: moments -------------------------------------------------------------------------------------------


def moment(student, which, a, h, sigma, e0):
    """One of the three answers."""
    return student.linear_sa_moments(a, h, sigma, e0)[which]


def written_by_moments(student, a, h, sigma, e0):
    """How many numbers torch's operations write for the moments."""
    with Written() as written:
        student.linear_sa_moments(a, h, sigma, e0)
    return written.numbers


def choice(student, h_low, h_high):
    """The schedule that is picked."""
    c, p, average = student.pick_schedule(h_low, h_high)
    return float(c), float(p), bool(average)
