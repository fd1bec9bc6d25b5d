"""What students get wrong in part 6, as they would write it."""

from printing import all_prints, cut, pair, refuse, size, transposed
from torch.nn.functional import conv2d, fold, pad

from grader.checks import misconception


@misconception(
    replaces="conv_transpose2d",
    hint="Four channels in two groups: which channels are in the first one? Neighbours are.",
    fails=["groups"],
)
def groups_take_turns(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if x.shape[1] % groups == 0 and w.shape[0] == x.shape[1]:
        x, w = (t.unflatten(a, (-1, groups)).transpose(a, a + 1).flatten(a, a + 1) for t, a in ((x, 1), (w, 0)))
    out = transposed(x, w, None, stride, padding, output_padding, groups, dilation)
    out = out.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="How many channels has your output with two groups? Each group has its own.",
    fails=["groups"],
)
def groups_ignored(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    refuse(x, w, *(pair(each) for each in (stride, padding, output_padding, dilation)), groups)
    return transposed(x, w, bias, stride, padding, output_padding, 1, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="A print with dilation=2 has gaps. Print a single pixel.",
    fails=["dilation"],
)
def dilation_ignored(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    refuse(x, w, *(pair(each) for each in (stride, padding, output_padding, dilation)), groups)
    s, p, extra = (pair(each) for each in (stride, padding, output_padding))
    out = cut(all_prints(x, w, s, (1, 1), groups), p, extra)
    return out if bias is None else out + bias.view(-1, 1, 1)


@misconception(
    replaces="conv_transpose2d",
    hint="output_padding has to be below stride *or* dilation: try a stride of 1 and a dilation of 3.",
    fails=["dilation"],
)
def output_padding_below_the_stride(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if any(e >= s for e, s in zip(pair(output_padding), pair(stride), strict=True)):
        raise ValueError("output_padding")
    return transposed(x, w, bias, stride, padding, output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Three channels in two groups: which channel is in none? The handout says which exception that is.",
    fails=["groups_refused"],
)
def leaves_a_channel_out(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if w.shape[0] == x.shape[1]:
        n = x.shape[1] // groups * groups
        x, w = x[:, :n], w[:n]
    return transposed(x, w, bias, stride, padding, output_padding, groups, dilation)


@misconception(
    replaces="conv_transpose2d",
    hint="Most of your multiplications are by zero.",
    fails=["no_multiplication_by_zero"],
)
def zero_insertion(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    (N, Ci, H, W), (h, v) = x.shape, w.shape[2:]
    wide = x.new_zeros(N, Ci, (H - 1) * s[0] + 1, (W - 1) * s[1] + 1)
    wide[:, :, :: s[0], :: s[1]] = x
    around = [(d[i] * (k - 1) - p[i], d[i] * (k - 1) - p[i] + extra[i]) for i, k in ((1, v), (0, h))]
    turned = w.flip(2, 3).unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)
    return conv2d(pad(wide, [n for both in around for n in both]), turned, bias, dilation=d, groups=groups)


@misconception(
    replaces="conv_transpose2d",
    hint="Is there a tensor with a number for each pair of channels, each pixel and each tap?",
    fails=["no_multiplication_by_zero", "gpu_memory"],
)
def everything_at_once(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    (N, Ci, H, W), k, g = x.shape, tuple(w.shape[2:]), groups
    each = x.reshape(N, g, Ci // g, 1, H * W) * w.reshape(1, g, Ci // g, -1, 1)  # (N, g, Ci/g, Co/g kh kw, H W)
    out = fold(each.sum(2).flatten(1, 2), size(x, w, s, (0, 0), (0, 0), d), k, dilation=d, stride=s)
    out = cut(out, p, extra)
    return out if bias is None else out + bias.view(-1, 1, 1)
