"""What checks demand beside right numbers, and how they look at one thing without asking for all the rest."""

import probes
import torch

from grader.checks import assert_close, require

ROUGH = {
    "rtol": 1e-4,
    "atol": 1e-5,
}  # float32's: right values in the wrong dtype lose the check of manners and no other


def case(*args, **kwargs):
    """The arguments of one call."""
    return [list(args), kwargs]


def polite(candidate, reference, function, *cases):
    """Demand the reference's answers in their dtypes and to their precision, and inputs that are as they were."""
    expected = [answer for answer, *_ in reference.run(probes.with_inputs, function, cases)]
    found = candidate.run(probes.with_inputs, function, cases)
    assert_close([answer for answer, *_ in found], expected, name="the answers")
    for (args, kwargs), (_, *after) in zip(cases, found, strict=True):
        for was, is_now in zip([*args, *kwargs.values()], [*after[0], *after[1].values()], strict=True):
            if isinstance(was, torch.Tensor):
                require(torch.equal(was, is_now), "an input is not as it was before the call")


def answers(candidate, function, cases, expected, **how):
    """Demand these answers, in any dtype."""
    for (args, kwargs), right in zip(cases, expected, strict=True):
        assert_close(candidate.run(probes.value, function, *args, **kwargs), right, **how)


def refused(candidate, function, *cases):
    """Demand a ValueError of every call."""
    for args, kwargs in cases:
        candidate.raises(ValueError, function, *args, **kwargs)


def own_pixels(answer, x, size):
    """Demand an image of this size whose pixels are all pixels of the same channel in x, which are `distinct`."""
    require(isinstance(answer, torch.Tensor), "the answer is not a tensor")
    wanted = (*x.shape[:2], *size)
    require(answer.shape == wanted, f"the answer has the shape {tuple(answer.shape)}: not the size that was asked for")
    for theirs, ours in zip(answer.flatten(0, 1), x.flatten(0, 1), strict=True):
        require(bool(torch.isin(theirs, ours).all()), "a pixel is not one of the input's, or of another channel")


def rearranged(answer, x, shape):
    """Demand this shape, and the pixels of x, each once, in any other order."""
    require(isinstance(answer, torch.Tensor), "the answer is not a tensor")
    require(answer.shape == shape, f"the answer has the shape {tuple(answer.shape)}, which does not fit the input's")
    same = torch.equal(answer.flatten().double().sort()[0], x.flatten().double().sort()[0])
    require(same, "the answer does not have every pixel of the input once")


def interpolates(candidate, x, size, other=None, **asked):
    """Demand what interpolation does wherever it takes its pixels from; return the answers to x and another image.

    No liar gets by. So a check of one thing does not take points for wrong places once more.
    """
    images = (x, 2 * x, torch.ones_like(x), x if other is None else other)
    answers = candidate.run(probes.values, "bilinear_upsample", [case(image, size, **asked) for image in images])
    for each in answers:
        require(isinstance(each, torch.Tensor), "the answer is not a tensor")
        require(each.shape == (*x.shape[:2], *size), f"the answer has the shape {tuple(each.shape)}")
    assert_close(answers[1], 2 * answers[0], name="the answer to pixels twice as bright", **ROUGH)
    assert_close(answers[2], torch.ones_like(answers[2]), name="the answer to an image of ones", **ROUGH)
    require(not torch.allclose(answers[0], answers[2]), "the answer does not depend on the image")
    return answers[0], answers[3]
