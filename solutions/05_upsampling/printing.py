"""A transposed convolution in pieces, for misconceptions to change one of them."""

from torch.nn.functional import fold, pad


def pair(x):
    """One number for height and width, or one for each."""
    return tuple(x) if isinstance(x, (tuple, list)) else (x, x)


def refuse(x, w, s, p, extra, d, groups):
    """Raise what the handout asks for."""
    if w.shape[0] != x.shape[1] or x.shape[1] % groups:
        raise ValueError("channels")
    if any(extra[i] >= max(s[i], d[i]) for i in (0, 1)):
        raise ValueError("output_padding")
    if min(size(x, w, s, p, extra, d)) < 1:
        raise ValueError("no pixel")


def size(x, w, s, p, extra, d):
    """The size of the output."""
    return [(x.shape[2 + i] - 1) * s[i] - 2 * p[i] + d[i] * (w.shape[2 + i] - 1) + extra[i] + 1 for i in (0, 1)]


def all_prints(x, w, s, d, groups):
    """What all pixels print, with nothing cut off or put on."""
    N, Ci, H, W = x.shape
    k = tuple(w.shape[2:])
    full = size(x, w, s, (0, 0), (0, 0), d)
    prints = w.reshape(groups, Ci // groups, -1).mT @ x.reshape(N, groups, Ci // groups, H * W)
    return fold(prints.flatten(1, 2), full, k, dilation=d, stride=s)


def cut(out, p, extra):
    """Take the padding off all that is printed, and put the output padding on."""
    return pad(out, (-p[1], extra[1] - p[1], -p[0], extra[0] - p[0]))


def transposed(x, w, bias, stride, padding, output_padding, groups, dilation):
    """Done rightly, for others to change something before or after."""
    s, p, extra, d = (pair(each) for each in (stride, padding, output_padding, dilation))
    refuse(x, w, s, p, extra, d, groups)
    out = cut(all_prints(x, w, s, d, groups), p, extra)
    return out if bias is None else out + bias.view(-1, 1, 1)
