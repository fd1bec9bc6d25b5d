"""What students get wrong in part 3, as they would write it."""

import torch

from grader.checks import misconception


def split(x, r, order):
    """Shuffle, with the channels split and set down in this order: C, i, j, H, W by number."""
    if x.shape[-3] % r**2:
        raise ValueError("channels")
    *batch, channels, H, W = x.shape
    C, lead = channels // r**2, len(batch)
    x = x.reshape(*batch, C, r, r, H, W)
    return x.permute(*range(lead), *(lead + k for k in order)).reshape(*batch, C, H * r, W * r)


def joined(x, r, order):
    """Unshuffle: C, H, i, W, j by number."""
    if x.shape[-2] % r or x.shape[-1] % r:
        raise ValueError("blocks")
    *batch, C, H, W = x.shape
    lead = len(batch)
    x = x.reshape(*batch, C, H // r, r, W // r, r)
    return x.permute(*range(lead), *(lead + k for k in order)).reshape(*batch, C * r**2, H // r, W // r)


@misconception(
    replaces="pixel_shuffle",
    hint="Put channel index c at every pixel and look at one 2x2 block: is it read like a book?",
    fails=["shuffle"],
)
def shuffle_swap(x, r):
    return split(x, r, (0, 3, 2, 4, 1))


@misconception(
    replaces="pixel_shuffle",
    hint="Put channel index c at every pixel and look at one 2x2 block: are its four numbers neighbours?",
    fails=["shuffle"],
)
def shuffle_block(x, r):
    if x.shape[-3] % r**2:
        raise ValueError("channels")
    *batch, channels, H, W = x.shape
    C, lead = channels // r**2, len(batch)
    x = x.reshape(*batch, r, r, C, H, W)
    return x.permute(*range(lead), *(lead + k for k in (2, 3, 0, 4, 1))).reshape(*batch, C, H * r, W * r)


@misconception(
    replaces="pixel_shuffle",
    hint="Put channel index c at every pixel and look at one 2x2 block: a reshape alone moves nothing in memory.",
    fails=["shuffle"],
)
def shuffle_view(x, r):
    return split(x, r, (0, 1, 2, 3, 4))


@misconception(
    replaces="pixel_unshuffle",
    hint="Number the pixels of one 2x2 block like a book, and read channels 0 to 3 of your answer.",
    fails=["unshuffle"],
)
def unshuffle_swap(x, r):
    return joined(x, r, (0, 4, 2, 1, 3))


@misconception(
    replaces="pixel_unshuffle",
    hint="Two channels, r = 2: from which of them come the first four channels of your answer?",
    fails=["unshuffle"],
)
def unshuffle_block(x, r):
    return joined(x, r, (2, 4, 0, 1, 3))


@misconception(
    replaces="pixel_unshuffle",
    hint="Number the pixels of one 2x2 block like a book: a reshape alone moves nothing in memory.",
    fails=["unshuffle"],
)
def unshuffle_view(x, r):
    return joined(x, r, (0, 1, 2, 3, 4))


@misconception(
    replaces="pixel_shuffle",
    hint="Call it on a single image, of three dimensions. Which line counts on four?",
    fails=["dimensions_before"],
)
def shuffle_of_four_dimensions(x, r):
    _N, _channels, _H, _W = x.shape
    return split(x, r, (0, 3, 1, 4, 2))


@misconception(
    replaces="pixel_unshuffle",
    hint="Call it on a single image, of three dimensions. Which line of your unshuffle counts on four?",
    fails=["dimensions_before"],
)
def unshuffle_of_four_dimensions(x, r):
    _N, _C, _H, _W = x.shape
    return joined(x, r, (0, 2, 4, 1, 3))


@misconception(
    replaces="pixel_shuffle",
    hint="`view` needs pixels that lie in order in memory, and the image of a network need not. What does not?",
    fails=["channels_last"],
)
def views_the_image(x, r):
    *_, channels, H, W = x.shape
    if channels % r**2:
        raise ValueError("channels")
    return split(x.view(-1, r, r, H, W).view(x.shape), r, (0, 3, 1, 4, 2))


@misconception(
    replaces="pixel_shuffle",
    hint="6 channels and r = 2: what does your function do with the two that are left over?",
    fails=["shuffle_refuses"],
)
def drops_channels(x, r):
    C = x.shape[-3] // r**2
    return split(x.narrow(-3, 0, C * r**2), r, (0, 3, 1, 4, 2))


@misconception(
    replaces="pixel_shuffle",
    hint="torch's own raises another exception than the handout asks for. Which one comes from your reshape?",
    fails=["shuffle_refuses"],
)
def lets_reshape_refuse(x, r):
    *batch, channels, H, W = x.shape
    x.reshape(*batch, channels // r**2, r, r, H, W)
    return split(x, r, (0, 3, 1, 4, 2))


@misconception(
    replaces="pixel_unshuffle",
    hint="5 rows and r = 2: where is the last row in your answer?",
    fails=["shuffle_refuses"],
)
def drops_the_border(x, r):
    H, W = (n // r * r for n in x.shape[-2:])
    return joined(x[..., :H, :W], r, (0, 2, 4, 1, 3))


@misconception(
    replaces="pixel_shuffle",
    hint="Print the dtype of your answer for an image of uint8. What did you fill?",
    fails=["shuffle_manners"],
)
def shuffles_into_zeros(x, r):
    answer = split(x, r, (0, 3, 1, 4, 2))
    return torch.zeros(answer.shape) + answer if not x.dtype.is_floating_point else answer
