"""Hidden checks of part 7: where to cut the graph."""

import probes
import torch
from manners import ROUGH, hold

from grader.checks import assert_close, at_most, check, require

BATCHES = (5, 2, 1)


@check("cut", points=1)
def test_ema(candidate, seeds):
    """The parameters move towards those of the source."""
    case = {"seeds": seeds(2), "decay": 0.9, "which": "parameters"}
    assert_close(candidate.run(probes.moved, **case), averaged(case["seeds"], 0.9), name="the parameters", **ROUGH)


def averaged(seeds, decay):
    """The parameters of the first net, moved."""
    target, source = (list(probes._net(seed).parameters()) for seed in seeds)
    return [(decay * p + (1 - decay) * q).detach() for p, q in zip(target, source, strict=True)]


@check("cut", points=0.5)
def test_ema_in_place(candidate, seeds):
    """The parameters are the same tensors as before, and still leaves."""
    two = seeds(2)
    parameters, facts = candidate.run(probes.identity_of_the_moved, seeds=two, decay=0.9)
    assert_close(parameters, averaged(two, 0.9), name="the tensors that were the parameters", **ROUGH)
    hold(facts, "a parameter is another tensor than before, or no leaf that requires a gradient")


@check("cut", points=0.5)
def test_ema_buffers(candidate, seeds):
    """The buffers are those of the source."""
    two = seeds(2)
    expected = list(probes._net(two[1]).buffers())
    answer = candidate.run(probes.moved, seeds=two, decay=0.9, which="buffers")
    assert_close(answer, expected, name="the buffers", **ROUGH)


@check("cut", points=0.5, after=test_ema)
def test_ema_refuses(candidate, seeds):
    """Two that are not built alike are refused before anything is written."""
    two = seeds(2)
    raised, state = candidate.run(probes.refused_update, seeds=two)
    require(raised is True, "no ValueError was raised")
    assert_close(state, list(probes._net(two[0]).state_dict().values()), name="the target")


# ---- td_loss ---------------------------------------------------------------------------------------------------


def td(seeds, s, s2, r, gamma):
    """The loss, and the gradients of the first net; the others have none."""
    net, target = probes._net(seeds[0]), probes._net(seeds[-1])
    label = r + gamma * target(s2)[:, 0].detach()
    loss = (net(s)[:, 0] - label).square().mean()
    grads = torch.autograd.grad(loss, list(net.parameters()))
    return [loss.detach(), list(grads), [None] * (len(grads) if len(seeds) > 1 else 0)]


@check("cut", points=0.5)
def test_td_loss(candidate, draw, seeds):
    """The loss is the mean over the samples, and its gradient flows into the first net alone."""
    case = {"seeds": seeds(2), "s": draw(6, 3), "s2": draw(6, 3), "r": 3 * draw(6), "gamma": 0.9}
    assert_close(candidate.run(probes.td, **case), td(**case), name="[loss, gradients]", **ROUGH)


@check("cut", points=0.5)
def test_td_loss_of_one_net(candidate, draw, seeds):
    """Where both are one net, the gradient is still that of the prediction alone."""
    case = {"seeds": seeds(1), "s": draw(1, 3), "s2": draw(1, 3), "r": 3 * draw(1), "gamma": 0.9}
    assert_close(candidate.run(probes.td, **case), td(**case), name="[loss, gradients]", **ROUGH)


# ---- ste_round, accumulate -------------------------------------------------------------------------------------


@check("cut", points=0.5)
def test_ste(candidate, draw):
    """The values are rounded, and gradients come through unchanged."""
    x, v = 3 * draw(20), draw(20)
    assert_close(candidate.run(probes.rounded, x, v), [x.round(), v], **ROUGH)


def batches_of(draw):
    """Three batches of different sizes."""
    return [(draw(n, 3), draw(n, 1)) for n in BATCHES]


def by_one_batch(seed, batches):
    """The loss and the gradients of all samples at once."""
    net = probes._net(seed)
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    loss = torch.nn.functional.mse_loss(net(x), y)
    return loss.item(), list(torch.autograd.grad(loss, list(net.parameters())))


@check("cut", points=0.5)
def test_accumulate(candidate, draw, seeds):
    """Loss and gradients are those of all samples at once, added to what was there."""
    (seed,), batches = seeds(1), batches_of(draw)
    loss, grads = by_one_batch(seed, batches)
    answer = candidate.run(probes.accumulated, seed=seed, batches=batches, before=0.25)
    assert_close(answer, [loss, [g + 0.25 for g in grads]], name="[loss, gradients]", **ROUGH)


@check("cut", points=0.5, after=test_accumulate)
def test_accumulate_memory(candidate, draw, seeds):
    """The graph of one batch is gone before the next one's is made."""
    (seed,), batch = seeds(1), (draw(50, 3), draw(50, 1))
    grads, one = candidate.run(probes.saved_while_accumulating, seed=seed, batches=[batch])
    again, four = candidate.run(probes.saved_while_accumulating, seed=seed, batches=[batch] * 4)
    assert_close(again, grads, name="the gradients of four equal batches", **ROUGH)
    require(one > 0, "nothing is kept for backward")
    at_most(four, 1.5 * one, name="saved bytes")
