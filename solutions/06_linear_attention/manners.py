"""What checks demand beside right numbers, and how they look at one thing without asking for all the rest."""

import probes
import torch

from grader.checks import assert_close, require

ROUGH = {
    "rtol": 1e-4,
    "atol": 1e-5,
}  # float32's: right values in the wrong dtype lose the check of manners and no other


def polite(candidate, reference, function, *tensors, **kwargs):
    """Demand the reference's answer in its dtype and to that dtype's precision, and inputs that are as they were."""
    expected, *_ = reference.run(probes.with_inputs, function, *tensors, **kwargs)
    answer, after, options = candidate.run(probes.with_inputs, function, *tensors, **kwargs)
    assert_close(answer, expected)
    for was, is_now in zip([*tensors, *kwargs.values()], [*after, *options.values()], strict=True):
        if isinstance(was, torch.Tensor):
            require(torch.equal(was, is_now), "an input is not as it was before the call")


def mixture(answer_of, q, v):
    """Demand what every mixture of values is, also one with wrong weights; return the answer. No liar gets by.

    So a check of memory or of the order of keys does not take points for weights once more.
    """
    one, negative, other = answer_of(q, v), answer_of(q, -v), answer_of(-q, v)
    require(one.shape == (*q.shape[:-1], v.shape[-1]), "the answer does not have a row of values for each query")
    require(bool(one.isfinite().all()), "the answer has NaN or infinity in it")
    assert_close(negative, -one, name="the answer to values with the opposite sign", **ROUGH)
    require(not torch.equal(one, other), "the answer does not depend on the queries")
    return one


def counted(candidate, which, function, q, k, v, *args, **kwargs):
    """One count of what a call takes, whose answer must be that of the same call when nothing is counted."""
    uncounted = candidate.call(function, q, k, v, *args, **kwargs)
    answer, count = candidate.run(probes.counted, which, function, q, k, v, *args, **kwargs)
    assert_close(answer, uncounted, name="the answer while it is counted")
    return count


def largest_tensors(candidate, function, qkv, sizes):
    """How many numbers the largest tensor has, for each number of tokens, of a function that mixes something."""
    q, k, v = qkv(20)
    mixture(lambda q, v: candidate.run(probes.value, function, q, k, v), q, v)
    cases = [qkv(N, B=1, H=1, D=8, E=6, dtype=torch.float32) for N in sizes]
    return [counted(candidate, "largest_numel", function, *case) for case in cases]


def with_ones(v):
    """One more value for each key: 1."""
    return torch.cat([v, torch.ones_like(v[..., :1])], -1)


def proportions(answer):
    """What is mixed, whatever the weights add up to, given an answer for values `with_ones`."""
    return (answer[..., :-1] / answer[..., -1:]).nan_to_num()
