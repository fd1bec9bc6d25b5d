"""Part 6: buckets that are sent while backward still computes. The oracle for the gradients is one process."""

import probes
import pytest
import torch

from grader.checks import assert_close, check, require

TWO = pytest.mark.ddp(nprocs=2)
CAP = 600  # of Chain's layers: 72 + 512 bytes, 512, 64 + 256, 64


@pytest.fixture
def xs(draw):
    """Inputs: for each of three ranks, three batches."""
    return [[draw(5, 4) for _ in range(3)] for _ in range(3)]


def layout(module, bucket_cap_bytes=25 * 2**20):
    """Fill buckets greedily, from the last parameter on."""
    buckets, used, dtype = [], 0, None
    for name, p in reversed(list(module.named_parameters())):
        if used + p.nbytes > bucket_cap_bytes or p.dtype != dtype:
            buckets.append([])
            used, dtype = 0, p.dtype
        buckets[-1].append(name)
        used += p.nbytes
    return buckets


@check("buckets", points=1)
@pytest.mark.ddp(nprocs=1)
@pytest.mark.parametrize(
    ("kind", "cap"),
    [
        pytest.param("chain", {"bucket_cap_bytes": 600}, id="some"),
        pytest.param("chain", {"bucket_cap_bytes": 72 + 64}, id="small"),  # three parameters, exactly
        pytest.param("chain", {}, id="one for all"),
        pytest.param("two types", {"bucket_cap_bytes": 5000}, id="another dtype"),
        pytest.param("large", {}, id="a little above the default"),
    ],
)
def test_buckets_layout(candidate, kind, cap):
    """Buckets are filled from the last parameter on, and no parameter is cut."""
    (seen,) = candidate.launch(probes.layout, kind=kind, **cap)
    assert_close(seen, layout(probes.to_lay_out(kind), **cap), name="bucket_param_names")


@check("buckets", points=1.5)
@pytest.mark.careless("dtype")
@pytest.mark.parametrize(
    "nprocs",
    [pytest.param(2, marks=TWO, id="2 ranks"), pytest.param(3, marks=pytest.mark.ddp(nprocs=3), id="3 ranks")],
)
def test_buckets_mean(candidate, xs, seed, mean_gradient, nprocs):
    """After finish_gradient_sync every gradient is the mean over the ranks, also in the third step."""
    expected = mean_gradient(probes.Chain(seed), [(batches[2],) for batches in xs[:nprocs]])
    seeds = [seed] * nprocs
    for rank, seen in enumerate(candidate.launch(probes.bucketed, seeds=seeds, xs=xs[:nprocs], cap=CAP, steps=3)):
        assert_close(seen, expected, name=f"the gradients of rank {rank}")


@check("buckets", points=0.5)
@pytest.mark.ddp(nprocs=3)
def test_buckets_group(candidate, xs, seed, mean_gradient, rough):
    """In a group, here of ranks 1 and 2 of three: the parameters of its first rank, and the mean over its ranks."""
    expected = mean_gradient(probes.Chain(seed + 1), [(batches[0],) for batches in xs[1:]])
    seeds = [seed, seed + 1, seed + 2]
    outside, *seen = candidate.launch(probes.bucketed, seeds=seeds, xs=xs, cap=CAP, members=[1, 2])
    require(outside is None, "rank 0 is not in the group")
    for grads in seen:
        assert_close(grads, expected, name="the gradients", **rough)


@check("buckets", points=0.5)
@TWO
def test_buckets_start(candidate, seed):
    """Wrapped, both ranks' models have the parameters of rank 0."""
    expected = {name: p.detach() for name, p in probes.Chain(seed).named_parameters()}
    for seen in candidate.launch(probes.bucketed_state, seeds=[seed, seed + 1]):
        assert_close(seen, expected, name="the parameters")


@check("buckets", points=0.5)
@TWO
def test_buckets_shared_and_frozen(candidate, xs, seed, mean_gradient, proportional):
    """A matrix that two layers share is averaged once, and what is frozen is left alone."""
    for how in ({"tied": True}, {"frozen": True}):
        expected = mean_gradient(probes.Chain(seed, **how), [(batches[0],) for batches in xs[:2]])
        for seen in candidate.launch(probes.bucketed, seeds=[seed] * 2, xs=xs[:2], cap=CAP, **how):
            proportional(seen, expected, name="the gradients")


@check("buckets", points=1)
@TWO
def test_buckets_overlap(candidate, xs):
    """Buckets are on their way, asynchronously and one by one, before the first layer's gradient is there."""
    inputs = [batches[0] for batches in xs[:2]]
    for only, buckets, early in (("layers.3.bias", 1, 0), ("", 4, 2)):
        for events in candidate.launch(probes.events, xs=inputs, cap=CAP, only=only):
            marks = [number for number, event in enumerate(events) if event.startswith("grad of ")]
            sends = [number for number, event in enumerate(events) if event in ("async", "sync")]
            require(sends, "nothing is sent before backward has ended")
            require(sum(number < marks[-1] for number in sends) >= early, "too little is sent before the last gradient")
            require(len(sends) == buckets, "the number of all-reduces in backward is not that of the buckets")
            require("sync" not in events, "an all-reduce in backward is not asynchronous")


@check("buckets", points=1.5)
@TWO
def test_buckets_do_not_wait(candidate, xs):
    """Backward does not wait: it returns even while nothing that was sent arrives."""
    seen = candidate.launch(probes.returns_while_held, xs=[batches[0] for batches in xs[:2]], cap=CAP)
    for rank in seen:
        require(rank["sent"], "nothing is sent before backward has ended")
        require(rank["returned"], "backward waits until what it has sent arrives")


@check("buckets", points=1)
@TWO
def test_buckets_order(candidate, draw, seed, mean_gradient, proportional):
    """Two ranks that use the same layers in opposite order send their buckets in the same order."""
    x, routes = draw(5, 3), [[[0, 1, 2]], [[2, 1, 0]]]
    expected = mean_gradient(probes.Forks(seed), [(x, route[0]) for route in routes])
    for seen in candidate.launch(probes.routed, seed=seed, x=x, routes=routes):
        proportional(seen, expected, name="the gradients")


@check("buckets", points=1)
@TWO
def test_buckets_unused(candidate, draw, seed, mean_gradient, proportional):
    """A layer that one rank does not use in the second step: zeros from there, and the mean on both."""
    x, routes = draw(5, 3), [[[0, 1, 2], [0, 2]], [[0, 1, 2], [0, 1, 2]]]
    expected = mean_gradient(probes.Forks(seed), [(x, route[1]) for route in routes])
    for seen in candidate.launch(probes.routed, seed=seed, x=x, routes=routes, cap=200):
        proportional(seen, expected, name="the gradients of the second step")


@check("buckets", points=0.5)
@TWO
def test_buckets_never_used(candidate, draw, seed, mean_gradient, proportional):
    """The gradient of a layer that no rank uses stays None."""
    x, routes = draw(5, 3), [[[0, 2]], [[2, 0]]]
    expected = mean_gradient(probes.Forks(seed), [(x, route[0]) for route in routes])
    for seen in candidate.launch(probes.routed, seed=seed, x=x, routes=routes, cap=200):
        proportional(seen, expected, name="the gradients")


@check("buckets", points=0.5, after=test_buckets_mean)
@TWO
def test_buckets_keep_old_gradients(candidate, xs):
    """A gradient that somebody has kept does not change in the next step."""
    for seen in candidate.launch(probes.kept_gradients, xs=[batches[:2] for batches in xs[:2]], cap=CAP):
        assert_close(seen["now"], seen["then"], name="the gradients of the first step, after the second")


@check("buckets", points=1)
@TWO
def test_buckets_accumulate(candidate, xs, mean_gradient, proportional):
    """Three micro-batches, two of them in no_sync: the gradients of all three are averaged."""
    together = [(torch.cat(batches),) for batches in xs[:2]]
    expected = mean_gradient(probes.Chain(0), together)
    for seen in candidate.launch(probes.accumulated, xs=xs[:2], cap=CAP, which="gradients"):
        proportional(seen, expected, name="the gradients of all micro-batches")


@check("buckets", points=0.5, after=test_buckets_accumulate)
@TWO
def test_buckets_silent(candidate, xs):
    """In no_sync nothing is communicated, by finish_gradient_sync neither."""
    require(
        not any(candidate.launch(probes.accumulated, xs=xs[:2], cap=CAP, which="communicated")),
        "something is communicated in no_sync",
    )


@check("buckets", points=0.5, after=test_buckets_mean)
@TWO
def test_buckets_nested(candidate, xs):
    """After an inner no_sync the outer one still holds, and after an exception synchronisation is on again."""
    for seen in candidate.launch(probes.after_no_sync, xs=xs[:2], cap=CAP):
        require(seen["inside"] == 0, "after an inner no_sync, the outer one has no effect any more")
        require(seen["after"], "after an exception in no_sync, nothing is synchronised any more")


@check("buckets", points=0.5, after=test_buckets_layout)
@pytest.mark.ddp(nprocs=1)
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        pytest.param({"cap": 0}, "ValueError", id="no room"),
        pytest.param({"frozen": True}, "RuntimeError", id="nothing to train"),
        pytest.param({"joined": False}, "RuntimeError", id="no group"),
    ],
)
def test_buckets_refuse(candidate, how, expected):
    """A cap below 1 is a ValueError; without a group, or anything to train, it is a RuntimeError."""
    (seen,) = candidate.launch(probes.bucket_refuses, **how)
    require(seen == expected, f"{seen or 'nothing'} was raised where {expected} is expected")
