"""Hidden checks of part 7: a sub-pixel layer that starts smooth."""

import probes
import torch
from manners import ROUGH, case, refused

from grader.checks import assert_close, check, require


def blocks(weight, r, draw):
    """An image by a convolution with this weight and a pixel shuffle, as (pixels, r * r) blocks."""
    image = torch.nn.functional.conv2d(draw(1, weight.shape[1], 6, 5), weight.double(), padding=1)
    return image.unflatten(1, (-1, r * r)).movedim(2, -1).flatten(0, -2)


def filled(candidate, weight, r, number):
    """The weight afterwards, which must be another."""
    after = candidate.run(probes.initialised, weight, r, number(0, 10**6))
    require(after.shape == weight.shape and bool(after.isfinite().all()), "the weight is not filled with numbers")
    require(not torch.equal(after, weight), "the weight is as it was")
    return after


@check("icnr", points=1)
def test_icnr_blocks(candidate, draw, number):
    """After a convolution and a pixel shuffle all pixels of a block are equal."""
    for r, C in ((2, 3), (3, 2)):
        weight = draw(C * r * r, 2, 3, 3, dtype=torch.float32)
        pixels = blocks(filled(candidate, weight, r, number), r, draw)
        assert_close(pixels, pixels[:, :1].expand_as(pixels), name="the pixels of each block", **ROUGH)


@check("icnr", points=1)
def test_icnr_kernels(candidate, draw, number):
    """Each channel that comes out of the shuffle has a kernel of its own."""
    after = filled(candidate, draw(12, 2, 3, 3, dtype=torch.float32), 2, number)
    require(len(after.flatten(1).unique(dim=0)) >= 3, "several output channels have the same kernel")


@check("icnr", points=1)
def test_icnr_base(candidate, draw, number):
    """One kernel for each block is drawn by `base_init`, with the generator that was given and no other."""
    weight, seed = draw(8, 2, 3, 3, dtype=torch.float32), number(0, 10**6)
    drawn = torch.empty(2, 2, 3, 3).uniform_(2.0, 3.0, generator=torch.Generator().manual_seed(seed))
    after, seen, untouched = candidate.run(probes.own_init, weight, 2, seed)
    assert_close(seen, [[[2, 2, 3, 3], True]], name="what base_init was given")
    require(untouched, "torch's own generator was used")
    require(bool(torch.isin(after.float(), drawn).all()), "the weight has other numbers than base_init has drawn")


@check("icnr", points=1)
def test_icnr_in_place(candidate, draw, number):
    """The weight itself is filled and returned, and autograd sees nothing of it; other channels are refused."""
    weight = draw(8, 2, 3, 3, dtype=torch.float32)
    after, _, there, leaf = candidate.run(probes.in_place, weight, 2, number(0, 10**6))
    require(not torch.equal(after, weight), "the weight is as it was")
    require(there, "what is returned is not the weight that was given")
    require(leaf, "the weight is no longer a leaf of autograd's graph")
    refused(candidate, "icnr_", case(draw(6, 2, 3, 3), 2))
