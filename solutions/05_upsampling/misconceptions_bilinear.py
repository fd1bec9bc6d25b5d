"""What students get wrong in part 2, as they would write it."""

import math

import torch

from grader.checks import misconception


def pair(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x, x)


def refuse(x, size, scale_factor):
    if x.ndim != 4 or (size is None) == (scale_factor is None):
        raise ValueError("give an image, and either size or scale_factor")


def sizes_of(x, size, scale_factor):
    """Sizes and steps, for height and width."""
    refuse(x, size, scale_factor)
    if size is not None:
        found = [(out, n / max(out, 1)) for n, out in zip(x.shape[2:], pair(size), strict=True)]
    else:
        found = [(math.floor(n * s), 1 / s) for n, s in zip(x.shape[2:], pair(scale_factor), strict=True)]
    if any(out < 1 for out, _ in found):
        raise ValueError("no pixel")
    return found


def spread(i, n, out, step):
    return i * (n - 1) / max(out - 1, 1)


def centred(i, n, out, step):
    return ((i + 0.5) * step - 0.5).clamp(min=0)


def between(x, sizes, place, swapped=False, clamped=True, places=torch.float64, mixed_in=None):
    """Interpolate, where output pixel i lies at place(i, n, out, step)."""
    wide = mixed_in or torch.promote_types(x.dtype, torch.float32)
    y = x.to(wide)
    for dim, (out, step) in zip((2, 3), sizes, strict=True):
        n = x.shape[dim]
        at = place(torch.arange(out, dtype=places, device=x.device), n, out, step)
        before = at.floor().long()
        share = (at - (before.clamp(min=0) if clamped else before)).to(wide)
        share = share.view(-1, 1) if dim == 2 else share
        first, second = before % n if not clamped else before.clamp(0, n - 1), (before + 1).clamp(0, n - 1)
        second = (first + 1).clamp(max=n - 1) if clamped else second
        one, other = y.index_select(dim, first), y.index_select(dim, second)
        y = one * share + other * (1 - share) if swapped else one * (1 - share) + other * share
    return y.to(x.dtype)


@misconception(
    replaces="bilinear_upsample",
    hint="The caller gave a scale; floor made the size smaller.",
    fails=["bilinear_scale"],
)
def recompute_scale_bilinear(x, size=None, scale_factor=None, *, align_corners=False):
    sizes = [(out, n / out) for (out, _), n in zip(sizes_of(x, size, scale_factor), x.shape[2:], strict=True)]
    return between(x, sizes, spread if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="Upsample a ramp: is the output symmetric?",
    fails=["bilinear_size"],
)
def no_half_pixel(x, size=None, scale_factor=None, *, align_corners=False):
    plain = lambda i, n, out, step: i * step  # noqa: E731
    return between(x, sizes_of(x, size, scale_factor), spread if align_corners else plain)


@misconception(
    replaces="bilinear_upsample",
    hint="What value should the first output pixel have? Yours is on a line that goes on beyond the first pixel.",
    fails=["bilinear_size", "within_the_pixels"],
)
def no_clamp(x, size=None, scale_factor=None, *, align_corners=False):
    free = lambda i, n, out, step: (i + 0.5) * step - 0.5  # noqa: E731
    return between(x, sizes_of(x, size, scale_factor), spread if align_corners else free)


@misconception(
    replaces="bilinear_upsample",
    hint="What value should the first output pixel have? A negative index is the last pixel of the row.",
    fails=["bilinear_size"],
)
def negative_wraps(x, size=None, scale_factor=None, *, align_corners=False):
    free = lambda i, n, out, step: (i + 0.5) * step - 0.5  # noqa: E731
    return between(x, sizes_of(x, size, scale_factor), spread if align_corners else free, clamped=False)


@misconception(
    replaces="bilinear_upsample",
    hint="The default and UpsamplingBilinear2d differ.",
    fails=["bilinear_twofold", "bilinear_size"],
)
def align_default(x, size=None, scale_factor=None, *, align_corners=False):
    return between(x, sizes_of(x, size, scale_factor), spread)


@misconception(
    replaces="bilinear_upsample",
    hint="With align_corners=True, is the last pixel of your output the last pixel of the input?",
    fails=["corners_aligned"],
)
def never_aligned(x, size=None, scale_factor=None, *, align_corners=False):
    return between(x, sizes_of(x, size, scale_factor), centred)


@misconception(
    replaces="bilinear_upsample",
    hint="With corners aligned there are n - 1 gaps between n pixels. Between how many do you spread the new ones?",
    fails=["corners_aligned"],
)
def gaps_counted_as_pixels(x, size=None, scale_factor=None, *, align_corners=False):
    gaps = lambda i, n, out, step: (i * n / max(out - 1, 1)).clamp(max=n - 1)  # noqa: E731
    return between(x, sizes_of(x, size, scale_factor), gaps if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="With corners aligned the scale decides the size, and nothing else. Is your last corner where it belongs?",
    fails=["corners_aligned"],
)
def aligned_by_the_scale(x, size=None, scale_factor=None, *, align_corners=False):
    by_scale = lambda i, n, out, step: (i * step).clamp(max=n - 1)  # noqa: E731
    aligned = spread if scale_factor is None else by_scale
    return between(x, sizes_of(x, size, scale_factor), aligned if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="Resize to a single pixel. By what do you divide?",
    fails=["one_pixel"],
)
def linspace_size_1(x, size=None, scale_factor=None, *, align_corners=False):
    divided = lambda i, n, out, step: i * ((n - 1) / (out - 1))  # noqa: E731
    return between(x, sizes_of(x, size, scale_factor), divided if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="Align corners and resize to a single pixel: which corner can it have? You took the middle.",
    fails=["one_pixel"],
)
def single_pixel_in_the_middle(x, size=None, scale_factor=None, *, align_corners=False):
    middle = lambda i, n, out, step: spread(i, n, out, step) if out > 1 else i + (n - 1) / 2  # noqa: E731
    return between(x, sizes_of(x, size, scale_factor), middle if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="A place just after a pixel is nearly that pixel. Which of the two has the larger share in your mixture?",
    fails=["bilinear_size", "corners_aligned"],
)
def shares_swapped(x, size=None, scale_factor=None, *, align_corners=False):
    return between(x, sizes_of(x, size, scale_factor), spread if align_corners else centred, swapped=True)


@misconception(
    replaces="bilinear_upsample",
    hint="torch.arange(900) in bfloat16: print the last ten numbers.",
    fails=["wide_in_bfloat16", "gpu_bilinear"],
)
def places_in_the_dtype_of_pixels(x, size=None, scale_factor=None, *, align_corners=False):
    return between(x, sizes_of(x, size, scale_factor), spread if align_corners else centred, places=x.dtype)


@misconception(
    replaces="bilinear_upsample",
    hint="In bfloat16 a share has eight bits. In which dtype do you mix two pixels?",
    fails=["wide_in_bfloat16"],
)
def mixes_in_the_dtype_of_pixels(x, size=None, scale_factor=None, *, align_corners=False):
    place = spread if align_corners else centred
    return between(x, sizes_of(x, size, scale_factor), place, mixed_in=x.dtype)


@misconception(
    replaces="bilinear_upsample",
    hint="Ask your answer for its grad_fn. What took it off the graph: .data, .detach(), .item(), numpy?",
    fails=["bilinear_gradient"],
)
def off_the_graph(x, size=None, scale_factor=None, *, align_corners=False):
    return between(x.detach(), sizes_of(x, size, scale_factor), spread if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="Which dtype has the answer for an image in float64?",
    fails=["bilinear_manners"],
)
def always_float32(x, size=None, scale_factor=None, *, align_corners=False):
    return between(x.float(), sizes_of(x, size, scale_factor), spread if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="What does your function do when it is given both `size` and `scale_factor`, or neither?",
    fails=["bilinear_refuses"],
)
def size_wins_bilinear(x, size=None, scale_factor=None, *, align_corners=False):
    if size is None and scale_factor is None:
        return x.clone()
    sizes = sizes_of(x, size, None if size is not None else scale_factor)
    return between(x, sizes, spread if align_corners else centred)


@misconception(
    replaces="bilinear_upsample",
    hint="4 pixels and a scale of 0.1: how many come out, and what should be raised?",
    fails=["bilinear_refuses"],
)
def bilinear_without_pixels(x, size=None, scale_factor=None, *, align_corners=False):
    refuse(x, size, scale_factor)
    outs = (
        pair(size)
        if size is not None
        else [math.floor(n * s) for n, s in zip(x.shape[2:], pair(scale_factor), strict=True)]
    )
    if min(outs) < 1:
        return x.new_zeros(*x.shape[:2], *(max(out, 0) for out in outs))
    return between(x, sizes_of(x, size, scale_factor), spread if align_corners else centred)
