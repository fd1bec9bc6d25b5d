"""Hidden checks of part 7: recompute instead of save."""

import explicit
import probes
import pytest
import torch
from manners import ROUGH, polite

from grader.checks import assert_close, at_most, check, require

MEM = "causal_linear_attention_mem"


def compared(grads, expected, names="qkv"):
    """Demand each gradient by its name."""
    for name, grad, right in zip(names, grads, expected, strict=True):
        assert_close(grad, right, name=f"the gradient with respect to {name}", **ROUGH)


@check("recompute", points=1)
def test_forward(candidate, qkv):
    """The answer is that of causal linear attention."""
    for N, C in ((6, 8), (21, 8)):
        q, k, v = qkv(N)
        assert_close(candidate.run(probes.value, MEM, q, k, v, chunk_size=C), explicit.causal(q, k, v), **ROUGH)


@check("recompute", points=3)
def test_gradients(candidate, qkv, draw):
    """The gradients with respect to q, k and v are right where all tokens are one chunk."""
    (q, k, v), g = qkv(8), draw(2, 3, 8, 5)
    compared(candidate.run(probes.gradients, q, k, v, g, chunk_size=16), explicit.gradients(q, k, v, g))


@check("recompute", points=1)
def test_gradients_across_chunks(candidate, qkv, draw):
    """The gradients are right where tokens are several chunks, the last of them short."""
    (q, k, v), g = qkv(11), draw(2, 3, 11, 5)
    compared(candidate.run(probes.gradients, q, k, v, g, chunk_size=4), explicit.gradients(q, k, v, g))


@check("recompute", points=1)
def test_gradients_of_views(candidate, draw):
    """The gradients are right where q needs none, inputs are transposed, and one answer matters, of tiny weights."""
    q, k, v, g = (draw(2, 11, 3, size) for size in (4, 4, 5, 5))
    q, k = q - 6, k - 6  # beside such weights eps is not nothing
    g[:, torch.arange(11) != 6] = 0
    found = candidate.run(probes.gradients_of_views, q, k, v, g, chunk_size=4)
    expected = explicit.gradients(*(x.transpose(1, 2) for x in (q, k, v, g)))
    compared(found, [x.transpose(1, 2) for x in expected[1:]], "kv")


@check("recompute", points=2, after=test_forward)
def test_saved(candidate, qkv):
    """No more is saved for backward than 7.5 times q, and no less than is needed."""
    N, D = 512, 16
    saved = candidate.run(probes.saved, *qkv(N, B=1, H=1, D=D, E=D, dtype=torch.float32), chunk_size=16)
    at_most(saved, 7.5 * 4 * N * D, name="saved bytes")
    require(saved >= 3 * 4 * N * D, "less is saved than q, k and v: what does backward read, and where is it kept?")


@check("recompute", points=1, after=test_forward)
def test_saved_grows(candidate, qkv):
    """What is saved doubles with the tokens, and does not depend on the chunks."""
    q, k, v = qkv(256, B=1, H=1, D=16, E=16, dtype=torch.float32)
    saved = candidate.run(probes.saved, q, k, v, chunk_size=8)
    require(saved > 0, "nothing is saved")
    half = candidate.run(probes.saved, *(x[:, :, :128].contiguous() for x in (q, k, v)), chunk_size=8)
    require(saved == 2 * half, "twice the tokens do not save twice the bytes")
    other = candidate.run(probes.saved, q, k, v, chunk_size=64)
    require(saved == other, "chunks of another size save another number of bytes")


@check("recompute", points=1, after=test_forward)
def test_peak(candidate, qkv):
    """Forward and backward together never hold more than 14 times q, with large chunks and with small ones."""
    for N, D, C in ((1024, 16, 64), (256, 64, 4)):  # in the second a state for each chunk is 16 times q
        q, k, v = qkv(N, B=1, H=1, D=D, E=D, dtype=torch.float32)
        peak, there = candidate.run(probes.peak_of_both, q, k, v, chunk_size=C)
        require(there, "a gradient is missing, or is 0")
        at_most(peak, 14 * 4 * N * D, name="memory", measured=candidate.used)


@check("recompute", points=1, after=test_forward)
def test_nothing_aside(candidate, qkv):
    """Tensors are saved with save_for_backward, and none hangs on ctx."""
    found = candidate.run(probes.kept_aside, *qkv(12))
    require(found >= 0, "the answer has no graph to go backward through")
    require(found == 0, "a tensor is an attribute of ctx, where nothing counts it")


@pytest.mark.careless("dtype", "inputs")
@check("recompute", points=1)
def test_recompute_manners(candidate, reference, qkv, draw):
    """The answer is in q's dtype and to its precision, bfloat16 goes backward too, and the inputs are left alone."""
    for dtype in (torch.bfloat16, torch.float32, torch.float64):
        tensors = qkv(1, dtype=dtype)
        polite(candidate, reference, MEM, *tensors)
    tensors, g = qkv(1, dtype=torch.bfloat16), draw(2, 3, 1, 5, dtype=torch.bfloat16)
    *_, dv = candidate.run(probes.gradients, *tensors, g, chunk_size=4)
    assert_close(dv, g.double(), name="the gradient with respect to v", rtol=1e-2, atol=1e-2)  # one token has it all
