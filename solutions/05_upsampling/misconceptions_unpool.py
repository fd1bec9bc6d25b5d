"""What students get wrong in part 4, as they would write it."""

import torch

from grader.checks import misconception


def windows(x, k, s, p, fill=-torch.inf):
    padded = torch.nn.functional.pad(x, (p, p, p, p), value=fill)
    return padded.unfold(2, k, s).unfold(3, k, s).flatten(-2)


def largest(x, k, s, p, index, fill=-torch.inf):
    """Pool, with the index of row and column in the image by index(row, column, y)."""
    y, best = windows(x, k, s, p, fill).max(-1)
    row = torch.arange(y.shape[2]).view(-1, 1) * s - p + best // k
    column = torch.arange(y.shape[3]) * s - p + best % k
    return y, index(row, column, y)


def by_row(x):
    return lambda row, column, y: row * x.shape[3] + column


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Without `s` windows touch, and do not overlap. By how much do yours move on?",
    fails=["pool_values"],
)
def moves_by_one(x, k, s=None, p=0):
    return largest(x, k, 1 if s is None else s, p, by_row(x))


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Pool an image of negative numbers with padding: where does a 0 come from?",
    fails=["pool_padding"],
)
def zero_padding(x, k, s=None, p=0):
    y, _best = windows(x, k, s or k, p, 0.0).max(-1)
    _, indices = largest(x, k, s or k, p, by_row(x))
    return y, indices


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Pool with padding and look up your indices in the image: are they counted with the border?",
    fails=["pool_padding"],
)
def indices_of_the_padded(x, k, s=None, p=0):
    return largest(x, k, s or k, p, lambda row, column, y: (row + p) * (x.shape[3] + 2 * p) + column + p)


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Are your indices all below k * k? An index within its window does not say where the window is.",
    fails=["pool_indices"],
)
def indices_within_the_window(x, k, s=None, p=0):
    return windows(x, k, s or k, p).max(-1)


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Look up your indices in the image, row after row. How long is a row of the image?",
    fails=["pool_indices"],
)
def rows_of_the_output(x, k, s=None, p=0):
    return largest(x, k, s or k, p, lambda row, column, y: row * y.shape[3] + column)


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Is the pixel to the right the next index, or the one below?",
    fails=["pool_indices"],
)
def counts_down_the_columns(x, k, s=None, p=0):
    return largest(x, k, s or k, p, lambda row, column, y: column * x.shape[2] + row)


@misconception(
    replaces="max_pool2d_with_indices",
    hint="7 rows in windows of 2: what does not fill a window is left out.",
    fails=["pool_values"],
)
def keeps_the_rest(x, k, s=None, p=0):
    s = s or k
    (H, W) = x.shape[2:]
    more = [max(0, -((n + 2 * p - k) // -s) * s + k - n - 2 * p) for n in (W, H)]
    y, best = (
        torch.nn.functional.pad(x, (p, p + more[0], p, p + more[1]), value=-torch.inf)
        .unfold(2, k, s)
        .unfold(3, k, s)
        .flatten(-2)
        .max(-1)
    )
    row = torch.arange(y.shape[2]).view(-1, 1) * s - p + best // k
    return y, row * W + torch.arange(y.shape[3]) * s - p + best % k


@misconception(
    replaces="max_pool2d_with_indices",
    hint="Which dtypes do y and the indices have, for an image in float64?",
    fails=["unpool_manners"],
)
def pools_in_float32(x, k, s=None, p=0):
    return largest(x.float(), k, s or k, p, by_row(x))


def check(y, indices, size):
    if y.shape != indices.shape or bool(((indices < 0) | (indices >= size[0] * size[1])).any()):
        raise ValueError("indices")


def put(y, indices, size):
    out = y.new_zeros(*y.shape[:2], size[0] * size[1]).scatter(2, indices.flatten(2), y.flatten(2))
    return out.view(*y.shape[:2], *size)


@misconception(
    replaces="max_unpool2d",
    hint="An odd input lost a column. How would unpooling know?",
    fails=["unpool_odd"],
)
def unpool_fixed_size(y, indices, output_size):
    check(y, indices, output_size)
    H, W = 2 * y.shape[2], 2 * y.shape[3]
    return put(y, indices % (H * W), (H, W))


@misconception(
    replaces="max_unpool2d",
    hint="Check y.dtype: torch.zeros makes float32, on the CPU, unless it is told otherwise.",
    fails=["unpool_manners"],
)
def unpool_dtype(y, indices, output_size):
    check(y, indices, output_size)
    return put(y.float(), indices, output_size)


@misconception(
    replaces="max_unpool2d",
    hint="With windows that overlap one pixel is the largest of several. What do you do with two at one place?",
    fails=["unpool_overlapping"],
)
def adds_up(y, indices, output_size):
    check(y, indices, output_size)
    out = y.new_zeros(*y.shape[:2], output_size[0] * output_size[1])
    return out.scatter_add(2, indices.flatten(2), y.flatten(2)).view(*y.shape[:2], *output_size)


@misconception(
    replaces="max_unpool2d",
    hint="Indices begin anew in every channel. Where does the second channel's first value go?",
    fails=["unpool"],
)
def one_plane_for_all(y, indices, output_size):
    check(y, indices, output_size)
    out = y.new_zeros(*y.shape[:2], *output_size)
    flat = out.view(-1)
    flat = flat.scatter(0, indices.flatten(), y.flatten())
    return flat.view_as(out)


@misconception(
    replaces="max_unpool2d",
    hint="An index is a whole row times the width, and a column. Is your output transposed?",
    fails=["unpool"],
)
def reads_indices_down_the_columns(y, indices, output_size):
    check(y, indices, output_size)
    H, W = output_size
    return put(y, indices % H * W + indices // H, output_size)


@misconception(
    replaces="max_unpool2d",
    hint="Ask your answer for its grad_fn. What took it off the graph?",
    fails=["unpool_gradient"],
)
def unpools_data(y, indices, output_size):
    check(y, indices, output_size)
    return put(y.detach(), indices, output_size)


@misconception(
    replaces="max_unpool2d",
    hint="Which exception comes for an index that is too large, or negative? The handout names one.",
    fails=["unpool_refuses"],
)
def lets_scatter_refuse(y, indices, output_size):
    return put(y, indices, output_size)


@misconception(
    replaces="max_unpool2d",
    hint="An index of -1 is no place in the image, and in your answer it is one.",
    fails=["unpool_refuses"],
)
def wraps_around(y, indices, output_size):
    if y.shape != indices.shape:
        raise ValueError("indices")
    return put(y, indices % (output_size[0] * output_size[1]), output_size)


@misconception(
    replaces="bed_of_nails",
    hint="In which corner of its block does the nail stand?",
    fails=["bed_of_nails"],
)
def nail_at_the_other_end(x, r):
    out = x.new_zeros(*x.shape[:2], x.shape[2] * r, x.shape[3] * r)
    out[:, :, r - 1 :: r, r - 1 :: r] = x
    return out


@misconception(
    replaces="bed_of_nails",
    hint="One nail in each block, and zeros around it: you have filled the block.",
    fails=["bed_of_nails"],
)
def fills_the_block(x, r):
    return x.repeat_interleave(r, 2).repeat_interleave(r, 3)


@misconception(
    replaces="bed_of_nails",
    hint="Which dtype has your bed of nails for an image in float64?",
    fails=["unpool_manners"],
)
def nails_in_float32(x, r):
    out = torch.zeros(*x.shape[:2], x.shape[2] * r, x.shape[3] * r)
    out[:, :, ::r, ::r] = x
    return out
