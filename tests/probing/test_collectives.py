"""What a rank says to the others, taken down in real ranks."""

from __future__ import annotations

import warnings
from contextlib import suppress

import pytest
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from grader.probing import before_last_mark, collectives, recorded
from grader.wire.values import pack, unpack

from . import trainers
from .forked import ranks

PARAMETERS = 2 * trainers.LAYERS
A_LAYER = 4 * (trainers.FEATURES + 1) * trainers.FEATURES  # bytes
NUMBERS = trainers.LAYERS * A_LAYER // 4


def said(events):
    return [event["mark"] or event["op"] for event in events]


def step(trainer_class):
    """The events of one step: backward with marked gradients, then the end of the synchronisation."""
    trainer = trainer_class()
    value = trainers.loss(trainer.module)
    with recorded() as log:
        log.marks_grads(trainer.module)
        trainer.backward(value)
        trainer.finish()
    return log.events


def grads():
    return [f"grad of {layer}.{kind}" for layer in reversed(range(trainers.LAYERS)) for kind in ("bias", "weight")]


# ---- data-parallel trainers ------------------------------------------------------------------------------------


def test_each_gradient_by_itself_after_backward(tmp_path):
    for events in ranks(step, tmp_path, trainers.Naive):
        assert said(events) == [*grads(), *["allreduce_"] * PARAMETERS]
        assert sum(event["numel"] for event in events) == NUMBERS
        assert sum(event["bytes"] for event in events) == 4 * NUMBERS
        assert {event["async"] for event in collectives(events)} == {False}
        assert {event["dtype"] for event in collectives(events)} == {"float32"}
        assert before_last_mark(events) == []


def test_all_gradients_in_one_tensor(tmp_path):
    for events in ranks(step, tmp_path, trainers.Flat):
        assert said(events) == [*grads(), "allreduce_"]
        assert events[-1]["numel"] == NUMBERS


def test_hooks_launch_while_backward_runs(tmp_path):
    for events in ranks(step, tmp_path, trainers.Overlapping):
        assert said(events) == [word for grad in grads() for word in (grad, "allreduce_")]
        assert {event["async"] for event in collectives(events)} == {True}
        assert len(before_last_mark(events)) == PARAMETERS - 1


def test_what_the_last_gradients_hook_launches_comes_after_its_mark(tmp_path):
    for events in ranks(step, tmp_path, trainers.LastHook):
        assert len(collectives(events)) == PARAMETERS
        assert before_last_mark(events) == []


def from_a_tensor_hook():
    module = torch.nn.Linear(2, 2)
    module.weight.register_hook(lambda grad: dist.all_reduce(grad))
    with recorded() as log:
        log.marks_grads(module)
        module(torch.ones(2)).sum().backward()
    return said(log.events)


def test_a_mark_comes_before_a_tensor_hook_that_was_there_earlier(tmp_path):
    assert ranks(from_a_tensor_hook, tmp_path) == [["grad of bias", "grad of weight", "allreduce_"]] * 2


def torchs_own(iterations):
    module = trainers.net()
    wrapped = DistributedDataParallel(module, bucket_cap_mb=A_LAYER / 2**20)
    events = []
    for _ in range(iterations):
        value = trainers.loss(wrapped)
        with recorded() as log:
            log.marks_grads(module)
            value.backward()
        events.append(log.events)
    return events


def test_torchs_own_reducer_is_seen_in_its_own_order(tmp_path):
    for steps in ranks(torchs_own, tmp_path, 4):
        marks = grads()
        layers = [marks[start : start + 2] for start in range(0, PARAMETERS, 2)]
        buckets = [word for layer in layers for word in (*layer, "allreduce_")]
        assert [said(events) for events in steps[2:]] == [buckets] * 2
        assert len(before_last_mark(steps[2])) == trainers.LAYERS - 1
        assert sum(event["bytes"] for event in steps[2]) == 4 * NUMBERS


def silent():
    wrapped = DistributedDataParallel(trainers.net())
    with recorded() as log:
        with wrapped.no_sync():
            trainers.loss(wrapped).backward()
        log.mark("from here on it speaks")
        trainers.loss(wrapped).backward()
    return said(log.events)


def test_no_sync_is_silent(tmp_path):
    for words in ranks(silent, tmp_path):
        assert words[0] == "from here on it speaks"
        assert "allreduce_" in words


# ---- one collective at a time ----------------------------------------------------------------------------------


def pass_on(world):
    rank, data, into = dist.get_rank(), torch.ones(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)
    with recorded() as log:
        sending = dist.isend(data, (rank + 1) % world)
        dist.recv(into, (rank - 1) % world)
        sending.wait()
    return log.events


def test_a_ring_tells_where_it_sends_and_from_where_it_receives(tmp_path):
    for rank, events in enumerate(ranks(pass_on, tmp_path, 3, nprocs=3)):
        assert [(event["op"], event["peer"]) for event in events] == [
            ("send", (rank + 1) % 3),
            ("recv_", (rank - 1) % 3),
        ]
        assert {(event["numel"], event["bytes"], event["dtype"]) for event in events} == {(6, 48, "float64")}
        assert {event["async"] for event in events} == {None}


OPERATIONS = {
    "all_reduce": (lambda x, xs: dist.all_reduce(x), "allreduce_", 4, None),
    "all_reduce of the mean, async": (lambda x, xs: dist.all_reduce(x, async_op=True), "allreduce_", 4, None),
    "broadcast": (lambda x, xs: dist.broadcast(x, 1), "broadcast_", 4, 1),
    "reduce": (lambda x, xs: dist.reduce(x, 1), "reduce_", 4, 1),
    "all_gather": (lambda x, xs: dist.all_gather(xs, x), "allgather_", 4, None),
    "reduce_scatter": (lambda x, xs: dist.reduce_scatter(x, xs), "reduce_scatter_", 8, None),
    "gather": (lambda x, xs: dist.gather(x, xs if dist.get_rank() == 0 else None, 0), "gather_", 4, 0),
    "all_to_all": (lambda x, xs: dist.all_to_all(xs, [x, x]), "alltoall_", 8, None),
    "barrier": (lambda x, xs: dist.barrier(), "barrier", 0, None),
}


def alone(name):
    operation = OPERATIONS[name][0]
    with recorded() as log:
        work = operation(torch.ones(4), [torch.zeros(4), torch.zeros(4)])
    if work is not None:
        work.wait()
    return log.events


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_taken_down_with_what_the_rank_puts_in(tmp_path, name):
    _, op, numel, peer = OPERATIONS[name]
    for (event,) in ranks(alone, tmp_path, name):
        assert (event["op"], event["numel"], event["peer"]) == (op, numel, peer)
        assert event["bytes"] == 4 * numel
        assert event["async"] is ("async" in name)


def scattered():
    rank, into = dist.get_rank(), torch.zeros(4)
    with recorded() as log:
        dist.scatter(into, [torch.ones(4)] * 2 if rank == 0 else None, 0)
    return log.events[0]["numel"]


def test_a_rank_that_puts_in_nothing_counts_what_it_receives(tmp_path):
    assert ranks(scattered, tmp_path) == [8, 4]


def functional():
    from torch.distributed._functional_collectives import all_reduce

    with recorded() as log, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        total = all_reduce(torch.ones(4), "sum", dist.group.WORLD) + 0
    return [said(log.events), log.events[0]["async"], total.tolist()]


def test_a_functional_collective_counts_once(tmp_path):
    assert ranks(functional, tmp_path) == [[["all_reduce"], True, [2.0] * 4]] * 2


def aliased():
    from torch.distributed import all_reduce as innocent

    with recorded() as log:
        innocent(torch.ones(4))
        torch.ops.c10d.barrier(torch.zeros(1), dist.group.WORLD.boxed(), [], False)
    return said(log.events)


def test_another_name_hides_nothing(tmp_path):
    assert ranks(aliased, tmp_path) == [["allreduce_", "barrier"]] * 2


def one_skips():
    with recorded() as log:
        if dist.get_rank() == 0:
            dist.all_reduce(torch.ones(2), async_op=True)
    return said(log.events)


def test_a_rank_that_skips_a_collective_has_a_shorter_log(tmp_path):
    assert ranks(one_skips, tmp_path) == [["allreduce_"], []]


# ---- the log itself --------------------------------------------------------------------------------------------


def nested():
    with recorded() as outer:
        dist.barrier()
        with recorded() as inner:
            dist.all_reduce(torch.ones(2))
    dist.barrier()
    return [said(outer.events), said(inner.events)]


def test_blocks_nest_and_end(tmp_path):
    assert ranks(nested, tmp_path) == [[["barrier", "allreduce_"], ["allreduce_"]]] * 2


def test_what_is_no_collective_is_not_taken_down():
    with recorded() as log:
        (torch.ones(3, requires_grad=True) * 2).sum().backward()
    assert log.events == []


def test_only_gradients_that_are_asked_for_are_marked_and_tied_ones_once():
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    module[1].weight = module[0].weight
    module[1].bias.requires_grad_(False)
    with recorded() as log:
        log.marks_grads(module)
        module(torch.ones(2)).sum().backward()
    assert sorted(said(log.events)) == ["grad of 0.bias", "grad of 0.weight"]


def test_no_hook_is_left_behind():
    module = torch.nn.Linear(2, 2)
    with suppress(RuntimeError), recorded() as log:
        log.marks_grads(module)
        raise RuntimeError("a student's")
    module(torch.ones(2)).sum().backward()
    assert log.events == []


def test_events_can_be_sent_as_they_are():
    with recorded() as log:
        log.mark("here")
    assert unpack(pack(log.events)) == log.events
