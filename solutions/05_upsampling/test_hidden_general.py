"""Hidden checks of part 6: groups, dilation, and no multiplication by zero."""

import probes
import torch
from manners import ROUGH, answers, case, refused
from torch.utils.flop_counter import FlopCounterMode

from grader.checks import assert_close, at_most, check

TRANSPOSED = "conv_transpose2d"


def mirrored(w):
    """A kernel that is the same from right to left and from below: flipping has a check in part 5."""
    return w + w.flip(-2, -1)


def printed(candidate, *cases):
    """Demand torch's transposed convolutions."""
    expected = [torch.nn.functional.conv_transpose2d(*args, **how) for args, how in cases]
    answers(candidate, TRANSPOSED, cases, expected, **ROUGH)


@check("general", points=2)
def test_groups(candidate, draw):
    """Each group of channels prints into a group of its own."""
    pairs = case(draw(2, 4, 3, 4), mirrored(draw(4, 3, 3, 3)), groups=2)
    alone = case(draw(1, 3, 3, 4), mirrored(draw(3, 1, 2, 3)), groups=3, stride=2)
    printed(candidate, pairs, alone)


@check("general", points=1)
def test_dilation(candidate, draw):
    """The rows and columns of a print are a dilation apart, and `output_padding` may go beyond the stride."""
    x, w = draw(1, 1, 3, 4), mirrored(draw(1, 1, 3, 3))
    stretched = case(x, w, dilation=(2, 3), stride=2)
    printed(candidate, stretched, case(x, w, dilation=3, padding=1, output_padding=2))


@check("general", points=1, after=test_dilation)
def test_groups_refused(candidate, draw):
    """Groups that do not divide the channels are refused."""
    refused(candidate, TRANSPOSED, case(draw(1, 3, 4, 4), draw(3, 2, 3, 3), groups=2))


@check("general", points=2)
def test_no_multiplication_by_zero(candidate, draw):
    """It takes no more FLOPs than torch's own, and no tensor is larger than what all pixels print."""
    x, w = draw(1, 8, 6, 5), mirrored(draw(8, 8, 3, 3))
    w = w + w.transpose(0, 1)  # whichever channels come in and go out
    with FlopCounterMode(display=False) as native:
        expected = torch.nn.functional.conv_transpose2d(x, w, stride=2)
    out, flops, largest = candidate.run(probes.counted, x, w, stride=2)
    assert_close(out, expected, **ROUGH)
    at_most(flops, 1.05 * native.get_total_flops(), name="FLOPs")
    at_most(largest, 2 * (8 * 3 * 3) * (6 * 5), name="largest tensor")
