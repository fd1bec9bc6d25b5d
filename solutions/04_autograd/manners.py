"""What checks demand beside right numbers, and the tolerance with which they look at one thing only."""

import torch

from grader.checks import assert_close, require

# float32's: right values in the wrong dtype lose the check of manners and no other
ROUGH = {"rtol": 1e-4, "atol": 1e-5}


def polite(actual, expected, before, after):
    """Demand answers in the right dtype and to its precision, and inputs that are as they were."""
    assert_close(actual, expected)
    for was, is_now in zip(before, after, strict=True):
        require(torch.equal(was, is_now), "an input is not as it was before the call")


def hold(facts, sentence):
    """Demand that every fact holds."""
    require(all(fact is True for fact in facts), sentence)
