"""Hidden checks of part 8: the causal form on a GPU. With `--pretend-gpu cpu` they run on the CPU."""

import explicit
import probes
import pytest
import torch

from grader.checks import assert_close, check, grows, require

SIZES = [4096, 8192]


@pytest.mark.careless("dtype")
@check("gpu", points=2)
@pytest.mark.gpu(count=1, memory="2GB", shared=True)
def test_gpu_bfloat16(candidate, qkv):
    """In bfloat16 on the GPU the answer stays there, and is right to the precision of bfloat16."""
    q, k, v = qkv(500, B=1, H=2, D=16, E=16, dtype=torch.bfloat16)
    out, there = candidate.run(probes.where_it_is, q, k, v)
    require(there, "the answer is not on the device on which q is")
    # rounded: bfloat16 throughout is off by 1.4e-2 of the norm, sums in float32 by 5e-3; the table allows 3e-2
    assert_close(out, explicit.causal(*(x.double() for x in (q, k, v))).to(torch.bfloat16))


@check("gpu", points=2)
@pytest.mark.gpu(count=1, memory="8GB")
def test_gpu_memory(candidate, reference, rng, device):
    """Twice the tokens need no more than twice the memory of the GPU."""
    seed = int(torch.randint(2**31, (), generator=rng))
    found, known = (who.run(probes.peaks, sizes=SIZES, seed=seed, device=device) for who in (candidate, reference))
    for (out, _), (right, _) in zip(found, known, strict=True):
        assert_close(out, right, name="the last answer", rtol=1e-3, atol=1e-4)  # of up to 8192 terms in float32
    grows(SIZES, [peak for _, peak in found], at_most=1.1, name="memory")
