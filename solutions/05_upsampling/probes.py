"""Run beside the student's code, which can read this file. It holds no answers."""

from contextlib import contextmanager

import torch

from grader.probing import metered


def doubled(answer):
    """An answer in float64, whatever dtype it came in: dtypes have a check of their own."""
    if isinstance(answer, (list, tuple)):
        return [doubled(x) for x in answer]
    return answer.double() if isinstance(answer, torch.Tensor) else answer


def value(student, function, *args, **kwargs):
    """The answer in float64."""
    return doubled(getattr(student, function)(*args, **kwargs))


def copied(inputs):
    """The arguments of one call, with tensors of its own: what it does to them changes no other call."""
    args, kwargs = inputs
    return [x.clone() if isinstance(x, torch.Tensor) else x for x in args], dict(kwargs)


def values(student, function, cases):
    """The answers to several calls, in float64."""
    calls = map(copied, cases)
    return [value(student, function, *args, **kwargs) for args, kwargs in calls]


def with_inputs(student, function, cases):
    """The answers to several calls as they are, each with its inputs as they are afterwards."""
    calls = map(copied, cases)
    return [[getattr(student, function)(*args, **kwargs), args, kwargs] for args, kwargs in calls]


def gradient(student, function, x, g, *args, **kwargs):
    """The answer, and the gradient that g gives with respect to x."""
    x = x.clone().requires_grad_()
    answer = getattr(student, function)(x, *args, **kwargs)
    answer.backward(g.to(answer.dtype))
    return answer.detach().double(), x.grad.double()


# ---- part 3: shuffle -------------------------------------------------------------------------------------------


def there_and_back(student, first, second, x, r):
    """What the first function makes of x, and what the second makes of that."""
    there = getattr(student, first)(x, r)
    return doubled(there), doubled(getattr(student, second)(there.clone(), r))


def not_contiguous(student, function, x, r):
    """The answer to x with its channels last in memory."""
    return doubled(getattr(student, function)(x.contiguous(memory_format=torch.channels_last), r))


# ---- part 4: unpool --------------------------------------------------------------------------------------------


def unpooled_gradient(student, y, indices, size, g):
    """The answer, and the gradient that g gives with respect to y."""
    y = y.clone().requires_grad_()
    answer = student.max_unpool2d(y, indices, size)
    answer.backward(g.to(answer.dtype))
    return answer.detach().double(), y.grad.double()


# ---- parts 5 and 6: transposed, general ------------------------------------------------------------------------


def with_and_without_bias(student, x, w, bias, **kwargs):
    """The answer with a bias and the one without."""
    return [doubled(student.conv_transpose2d(x.clone(), w.clone(), b, **kwargs)) for b in (bias, None)]


def counted(student, x, w, **kwargs):
    """The answer, the FLOPs and the numbers in the largest tensor."""
    with metered() as used:
        out = student.conv_transpose2d(x, w, **kwargs)
    counts = used.counts()
    return doubled(out), counts["flops"], counts["largest_numel"]


# ---- part 7: icnr ----------------------------------------------------------------------------------------------


def initialised(student, weight, r, seed):
    """The weight after the call."""
    student.icnr_(weight, r, generator=torch.Generator().manual_seed(seed))
    return weight


def own_init(student, weight, r, seed):
    """The weight after a call with an init of our own; the shapes that it was given; whether the generator was ours.

    Also how much the weight depends on torch's own generator: not at all, if that is as it was.
    """
    generator, seen = torch.Generator().manual_seed(seed), []

    def base_init(tensor, generator=None):
        seen.append((list(tensor.shape), generator is ours))
        with torch.no_grad():
            return tensor.uniform_(2.0, 3.0, generator=generator)

    ours, before = generator, torch.get_rng_state()
    student.icnr_(weight, r, generator=generator, base_init=base_init)
    return weight, seen, torch.equal(before, torch.get_rng_state())


def in_place(student, weight, r, seed):
    """A parameter after the call, and the answer; whether that lies in its memory, and whether it is still a leaf."""
    parameter = torch.nn.Parameter(weight)
    before = parameter.data_ptr()
    answer = student.icnr_(parameter, r, generator=torch.Generator().manual_seed(seed))
    there = answer.data_ptr() == before == parameter.data_ptr()
    leaf = parameter.is_leaf and parameter.requires_grad
    return parameter.detach().clone(), answer.detach().clone(), there, leaf


# ---- part 8: checkerboard -------------------------------------------------------------------------------------


def counts(student, function, cases):
    """The answers to several calls with whole numbers."""
    return [getattr(student, function)(*args) for args in cases]


# ---- part 9: gpu -----------------------------------------------------------------------------------------------


def where_they_are(student, function, cases):
    """The answers to several calls, and whether all are where their inputs are."""
    found = [getattr(student, function)(*args, **kwargs) for args, kwargs in cases]
    return found, all(out.device == args[0].device for out, (args, _) in zip(found, cases, strict=True))


def peak_of_transposed(student, x, w, stride):
    """The answer, and the most bytes that were alive at once, beside the inputs."""
    with peak_bytes(x.device) as peak:
        out = student.conv_transpose2d(x, w, stride=stride)
    return out.double(), peak()


@contextmanager
def peak_bytes(device):
    """Yield a function that says, after the block, how many bytes above those before it were alive at once."""
    if device.type != "cuda":
        with metered() as used:
            yield lambda: used.counts()["peak_bytes"]
        return
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    yield lambda: torch.cuda.max_memory_allocated(device) - before
