"""What students get wrong in part 5 about the transposed convolution, as they would write it."""

import torch
from printing import all_prints, cut, pair, refuse, size, transposed
from torch.nn.functional import pad

from grader.checks import misconception


@misconception(
    replaces="conv_transpose2d",
    hint="One input pixel of value 1 should print the kernel itself.",
    fails=["prints_the_kernel", "adjoint"],
)
def kernel_flip(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return transposed(x, w.flip(2, 3), bias, stride, padding, output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Use Ci != Co.",
    fails=["channels"],
)
def in_out_swapped(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return transposed(x, w.transpose(0, 1), bias, stride, padding, output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Where two prints overlap, whose value stays in your output? Both should count.",
    fails=["stride"],
)
def overwrites(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    if groups > 1:
        return transposed(x, w, bias, stride, padding, output_padding, groups, dilation)
    out = x.new_zeros(x.shape[0], w.shape[1], *size(x, w, s, (0, 0), (0, 0), d))
    for y in range(x.shape[2]):
        for z in range(x.shape[3]):
            rows = slice(y * s[0], y * s[0] + d[0] * (w.shape[2] - 1) + 1, d[0])
            columns = slice(z * s[1], z * s[1] + d[1] * (w.shape[3] - 1) + 1, d[1])
            out[:, :, rows, columns] = torch.einsum("nc,coij->noij", x[:, :, y, z], w)
    out = cut(out, p, extra)
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="The first number of a pair is for the height. Try a stride of (2, 3).",
    fails=["stride"],
)
def stride_of_width_first(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    swapped = pair(stride)[::-1]
    if any(e >= s for e, s in zip(pair(output_padding), swapped, strict=True)):
        swapped = pair(stride)
    return transposed(x, w, bias, swapped, padding, output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="The first number of a pair is for the height. Try a padding of (2, 1).",
    fails=["padding"],
)
def padding_of_width_first(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return transposed(x, w, bias, stride, pair(padding)[::-1], output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Does padding make the output larger or smaller? It is the padding of the convolution that is undone.",
    fails=["padding"],
)
def padding_puts_on(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    refuse(x, w, *(pair(each) for each in (stride, padding, output_padding, dilation)), groups)
    p = pair(padding)
    return transposed(x, w, bias, stride, (-p[0], -p[1]), output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Padding comes off at four sides. Which rows and columns of the prints are missing in yours?",
    fails=["padding"],
)
def padding_comes_off_the_end(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    out = pad(all_prints(x, w, s, d, groups), (0, extra[1] - 2 * p[1], 0, extra[0] - 2 * p[0]))
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="How large is your output with output_padding=1, and how large without?",
    fails=["output_padding"],
)
def output_padding_ignored(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    refuse(x, w, *(pair(each) for each in (stride, padding, output_padding, dilation)), groups)
    return transposed(x, w, bias, stride, padding, 0, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Padding has taken printed rows off, and output_padding gives some back. Are yours zeros?",
    fails=["output_padding"],
)
def output_padding_of_zeros(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    out = pad(cut(all_prints(x, w, s, d, groups), p, (0, 0)), (0, extra[1], 0, extra[0]))
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="At which end does output_padding put a row on?",
    fails=["output_padding"],
)
def output_padding_at_the_top(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    out = all_prints(x, w, s, d, groups)
    out = pad(out, (extra[1] - p[1], -p[1], extra[0] - p[0], -p[0]))
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="What has an output pixel on which nothing is printed, with a bias?",
    fails=["bias"],
)
def bias_where_it_is_printed(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    out = transposed(x, w, None, stride, padding, output_padding, groups, dilation)
    return out if bias is None else out + bias.view(-1, 1, 1) * (out != 0)


@misconception(
    replaces="conv_transpose2d",
    hint="How often is the bias in an output pixel on which several prints overlap, and on which none does?",
    fails=["bias"],
)
def bias_in_each_print(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    out = transposed(x, w, None, stride, padding, output_padding, groups, dilation)
    if bias is None:
        return out
    ones = torch.ones_like(x[:, :1]), torch.ones_like(w[:1, :1])
    return out + bias.view(-1, 1, 1) * transposed(*ones, None, stride, padding, output_padding, 1, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Which dtype has your answer for an image in float64? What did you fill?",
    fails=["transposed_manners"],
)
def prints_into_float32(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return transposed(x, w, bias, stride, padding, output_padding, groups, dilation).float()


@misconception(
    replaces="conv_transpose2d",
    hint="Two rows more with a stride of 2: what would be printed there? The handout says which exception that is.",
    fails=["transposed_refuses"],
)
def any_output_padding(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    if w.shape[0] != x.shape[1] or x.shape[1] % groups or min(size(x, w, s, p, extra, d)) < 1:
        raise ValueError("channels, or no pixel")
    out = cut(all_prints(x, w, s, d, groups), p, extra)
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="An image of two channels and a kernel for one: which exception comes of it, and which one is asked for?",
    fails=["transposed_refuses", "groups_refused"],
)
def lets_the_product_refuse(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x[:, :1], w[:1], s, p, extra, d, 1)
    out = cut(all_prints(x, w, s, d, groups), p, extra)
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="So much padding that no pixel is left: what does your function do?",
    fails=["transposed_refuses"],
)
def output_without_pixels(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, (0, 0), extra, d, groups)
    H, W = (max(n, 0) for n in size(x, w, s, p, extra, d))
    if H * W == 0:
        return x.new_zeros(x.shape[0], w.shape[1] * groups, H, W)
    return transposed(x, w, bias, stride, padding, output_padding, groups, dilation)
