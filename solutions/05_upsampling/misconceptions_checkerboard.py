"""What students get wrong in part 8, as they would write it."""

import math

import torch

from grader.checks import misconception


def counts(n, k, stride, padding, output_padding):
    on = torch.arange(n).view(-1, 1) * stride + torch.arange(k) - padding
    out = (n - 1) * stride - 2 * padding + k + output_padding
    return torch.bincount(on[(on >= 0) & (on < out)], minlength=out)


@misconception(
    replaces="overlap_count",
    hint="How many input pixels print on the very first output pixel? At the border there are fewer.",
    fails=["overlap"],
)
def overlap_as_inside(n, k, stride, padding=0, output_padding=0):
    out = (n - 1) * stride - 2 * padding + k + output_padding
    phase = (torch.arange(out) + padding) % stride
    return (k - 1 - phase).div(stride, rounding_mode="floor") + 1


@misconception(
    replaces="overlap_count",
    hint="How many input pixels print on each output pixel for k = 3 and a stride of 2? Count with a pencil.",
    fails=["overlap"],
)
def overlap_on_average(n, k, stride, padding=0, output_padding=0):
    out = (n - 1) * stride - 2 * padding + k + output_padding
    return torch.full((out,), math.ceil(k / stride))


@misconception(
    replaces="overlap_count",
    hint="Padding takes output pixels off, and at which ends?",
    fails=["overlap_padded"],
)
def overlap_cut_at_the_end(n, k, stride, padding=0, output_padding=0):
    full = counts(n, k, stride, 0, output_padding)
    return full[: len(full) - 2 * padding]


@misconception(
    replaces="overlap_count",
    hint="Prints go on into the rows of output_padding. How many of yours are not zero?",
    fails=["overlap_padded"],
)
def overlap_padded_with_zeros(n, k, stride, padding=0, output_padding=0):
    return torch.nn.functional.pad(counts(n, k, stride, padding, 0), (0, output_padding))


@misconception(
    replaces="is_checkerboard_free",
    hint="Count the overlap for a kernel of 3 and a stride of 2. Is it enough that prints overlap?",
    fails=["checkerboard_free"],
)
def free_if_it_overlaps(k, stride):
    return k >= stride


@misconception(
    replaces="is_checkerboard_free",
    hint="Count the overlap for a kernel of 4 and a stride of 2. Do prints have to touch without overlapping?",
    fails=["checkerboard_free"],
)
def free_if_it_does_not_overlap(k, stride):
    return k == stride


@misconception(
    replaces="is_checkerboard_free",
    hint="Which of the two has to be a multiple of the other?",
    fails=["checkerboard_free"],
)
def stride_divided_by_the_kernel(k, stride):
    return stride % k == 0


def phases(
    w, r, *, flip=True, split=lambda w, r, m: w.unflatten(3, (m, r)).unflatten(2, (m, r)), order=(1, 3, 5, 0, 2, 4)
):
    """(Co r r, Ci, m, m), with one thing replaced."""
    Ci, Co, k, _ = w.shape
    if k % r:
        raise ValueError("phases")
    w = split(w, r, k // r)  # (Ci, Co, y, i, x, j)
    w = w.flip(2, 4) if flip else w
    return w.permute(order).reshape(Co * r**2, Ci, k // r, k // r)


@misconception(
    replaces="to_subpixel",
    hint="m=1 works, m=2 does not: which tap meets which pixel?",
    fails=["subpixel"],
)
def subpixel_no_flip(w, r):
    return phases(w, r, flip=False), w.shape[2] // r - 1


@misconception(
    replaces="to_subpixel",
    hint="m=1 works, m=2 does not: after turning the whole kernel round, which phase is the first?",
    fails=["subpixel"],
)
def turns_the_whole_kernel(w, r):
    m = w.shape[2] // r
    if m == 1:
        return phases(w, r), 0
    return phases(w.flip(2, 3), r, flip=False), m - 1


@misconception(
    replaces="to_subpixel",
    hint="Phase i, j of a block is its row i and column j. Look at a kernel in which only one tap is not zero.",
    fails=["subpixel_of_one_tap"],
)
def phases_swapped(w, r):
    return phases(w, r, order=(1, 5, 3, 0, 2, 4)), w.shape[2] // r - 1


@misconception(
    replaces="to_subpixel",
    hint="Which channels become neighbours after the shuffle? Those of one output channel.",
    fails=["subpixel_of_one_tap"],
)
def phases_before_channels(w, r):
    return phases(w, r, order=(3, 5, 1, 0, 2, 4)), w.shape[2] // r - 1


@misconception(
    replaces="to_subpixel",
    hint="The taps of one phase are r apart in the kernel. Are yours neighbours?",
    fails=["subpixel"],
)
def blocks_for_phases(w, r):
    m = w.shape[2] // r
    split = lambda w, r, m: w.unflatten(3, (r, m)).unflatten(2, (r, m)).transpose(2, 3).transpose(4, 5)  # noqa: E731
    return phases(w, r, split=split), m - 1


@misconception(
    replaces="to_subpixel",
    hint="How large is the transposed convolution of a 4 x 5 image, and how large is yours? The border counts.",
    fails=["subpixel"],
)
def padding_of_the_same_size(w, r):
    return phases(w, r), (w.shape[2] // r) // 2


@misconception(
    replaces="to_subpixel",
    hint="A kernel of 5 x 5 and r = 2: where does your function leave the last row?",
    fails=["subpixel_manners"],
)
def leaves_the_last_row(w, r):
    m = w.shape[2] // r
    return phases(w[:, :, : r * m, : r * m], r), m - 1


@misconception(
    replaces="to_subpixel",
    hint="Which dtype has the new kernel of one in float64?",
    fails=["subpixel_manners"],
)
def subpixel_in_float32(w, r):
    return phases(w.float(), r), w.shape[2] // r - 1
