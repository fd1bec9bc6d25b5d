"""What students get wrong in part 1, as they would write it."""

import math

import torch

from grader.checks import misconception


def pair(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x, x)


def refuse(x, size, scale_factor):
    if x.ndim != 4 or (size is None) == (scale_factor is None):
        raise ValueError("give an image, and either size or scale_factor")


def wanted(x, size, scale_factor, rounded=math.floor):
    """Sizes and steps, for height and width."""
    refuse(x, size, scale_factor)
    if size is not None:
        found = [(out, n / max(out, 1)) for n, out in zip(x.shape[2:], pair(size), strict=True)]
    else:
        found = [(rounded(n * s), 1 / s) for n, s in zip(x.shape[2:], pair(scale_factor), strict=True)]
    if any(out < 1 for out, _ in found):
        raise ValueError("no pixel")
    return found


def taken(x, sizes, source):
    """The image of rows and columns source(i, step, n, out)."""
    for dim, (out, step) in zip((2, 3), sizes, strict=True):
        n = x.shape[dim]
        at = [min(max(source(i, step, n, out), 0), n - 1) for i in range(out)]
        x = x.index_select(dim, torch.tensor(at, device=x.device))
    return x


def corner(i, step):
    return math.floor(i * step + 1e-6)


def centre(i, step):
    return math.floor((i + 0.5) * step + 1e-6)


def usual(exact):
    return lambda i, step, n, out: centre(i, step) if exact else corner(i, step)


@misconception(
    replaces="nearest_upsample",
    hint="Are you sampling at pixel corners or centres?",
    fails=["nearest_exact"],
)
def exact_ignored(x, size=None, scale_factor=None, *, exact=False):
    return taken(x, wanted(x, size, scale_factor), usual(False))


@misconception(
    replaces="nearest_upsample",
    hint="`exact` is off unless somebody asks for it. Do you sample at centres all the same?",
    fails=["nearest_size"],
)
def exact_always(x, size=None, scale_factor=None, *, exact=False):
    return taken(x, wanted(x, size, scale_factor), usual(True))


@misconception(
    replaces="nearest_upsample",
    hint="Two pixels into one: its centre lies between them. What does round() do with 0.5, and with 2.5?",
    fails=["nearest_exact"],
)
def centre_rounded_to_even(x, size=None, scale_factor=None, *, exact=False):
    even = lambda i, step, n, out: round((i + 0.5) * step - 0.5)  # noqa: E731
    return taken(x, wanted(x, size, scale_factor), even if exact else usual(False))


@misconception(
    replaces="nearest_upsample",
    hint="The caller gave a scale; floor made the size smaller.",
    fails=["nearest_scale"],
)
def recompute_scale(x, size=None, scale_factor=None, *, exact=False):
    sizes = [(out, n / out) for (out, _), n in zip(wanted(x, size, scale_factor), x.shape[2:], strict=True)]
    return taken(x, sizes, usual(exact))


@misconception(
    replaces="nearest_upsample",
    hint="Three pixels become six: which two come from the first? Rounding gives it one or three.",
    fails=["nearest_size"],
)
def rounds_the_place(x, size=None, scale_factor=None, *, exact=False):
    near = lambda i, step, n, out: round(i * step)  # noqa: E731
    return taken(x, wanted(x, size, scale_factor), usual(True) if exact else near)


@misconception(
    replaces="nearest_upsample",
    hint="Five pixels from three: do the last ones have to come from the last one alone? Here corners are not aligned.",
    fails=["nearest_size"],
)
def corners_on_corners(x, size=None, scale_factor=None, *, exact=False):
    spread = lambda i, step, n, out: math.floor(i * (n - 1) / max(out - 1, 1) + 0.5)  # noqa: E731
    return taken(x, wanted(x, size, scale_factor), usual(True) if exact else spread)


@misconception(
    replaces="nearest_upsample",
    hint="5 pixels and a scale of 1.3: 6.5 pixels do not exist. How many come out?",
    fails=["pixels_of_the_input"],
)
def rounds_the_size(x, size=None, scale_factor=None, *, exact=False):
    return taken(x, wanted(x, size, scale_factor, rounded=lambda n: math.floor(n + 0.5)), usual(exact))


@misconception(
    replaces="nearest_upsample",
    hint="A pair is (height, width). Ask for an image that is wider than high.",
    fails=["pixels_of_the_input"],
)
def width_before_height(x, size=None, scale_factor=None, *, exact=False):
    size = size if size is None else pair(size)[::-1]
    scale_factor = scale_factor if scale_factor is None else pair(scale_factor)[::-1]
    return taken(x, wanted(x, size, scale_factor), usual(exact))


@misconception(
    replaces="nearest_upsample",
    hint="Repeating each pixel makes whole blocks. What of a scale of 1.3, and of 7 pixels from 4?",
    fails=["pixels_of_the_input"],
)
def blocks_alone(x, size=None, scale_factor=None, *, exact=False):
    for dim, (_out, step) in zip((2, 3), wanted(x, size, scale_factor), strict=True):
        x = x.repeat_interleave(max(1, int(1 / step + 1e-6)), dim)
    return x


@misconception(
    replaces="nearest_upsample",
    hint="Your answer goes through a float tensor. Which whole numbers does float32 not have?",
    fails=["nearest_manners"],
)
def through_floats(x, size=None, scale_factor=None, *, exact=False):
    answer = taken(x, wanted(x, size, scale_factor), usual(exact))
    return answer if x.dtype.is_floating_point else answer.float().to(x.dtype)


@misconception(
    replaces="nearest_upsample",
    hint="What does your function do when it is given both `size` and `scale_factor`, or neither?",
    fails=["nearest_refuses"],
)
def size_wins(x, size=None, scale_factor=None, *, exact=False):
    if size is None and scale_factor is None:
        return x.clone()
    return taken(x, wanted(x, size, None if size is not None else scale_factor), usual(exact))


@misconception(
    replaces="nearest_upsample",
    hint="4 pixels and a scale of 0.1: how many come out, and what should be raised?",
    fails=["nearest_refuses"],
)
def image_without_pixels(x, size=None, scale_factor=None, *, exact=False):
    refuse(x, size, scale_factor)
    outs = (
        pair(size)
        if size is not None
        else [math.floor(n * s) for n, s in zip(x.shape[2:], pair(scale_factor), strict=True)]
    )
    if min(outs) < 1:
        return x.new_zeros(*x.shape[:2], *(max(out, 0) for out in outs))
    return taken(x, wanted(x, size, scale_factor), usual(exact))


@misconception(
    replaces="nearest_upsample",
    hint="An image without a batch: the handout says what should be raised.",
    fails=["nearest_refuses"],
)
def image_without_a_batch(x, size=None, scale_factor=None, *, exact=False):
    x = x[None] if x.ndim == 3 else x
    return taken(x, wanted(x, size, scale_factor), usual(exact))
