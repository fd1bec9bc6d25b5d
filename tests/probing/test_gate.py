"""Whether backward overlaps with communication: it returns while no collective completes, or it does not."""

from __future__ import annotations

import threading

import pytest
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from grader.probing import held, recorded
from grader.probing.collectives import Watch

from . import trainers
from .forked import ranks

PARAMETERS = 2 * trainers.LAYERS


def watched(trainer_class, seconds):
    """Whether backward returned, how much was held, and whether all ranks then have the sum of all gradients."""
    trainer = trainer_class()
    value = trainers.loss(trainer.module)
    with held() as gate:
        returned = gate.returned(lambda: trainer.backward(value), seconds=seconds)
        count = gate.held
    trainer.finish()
    return [returned, count, [parameter.grad.clone() for parameter in trainer.module.parameters()]]


def plain():
    """The gradients that a rank's own data give, summed without any student's code."""
    module = trainers.net()
    trainers.loss(module).backward()
    grads = [parameter.grad for parameter in module.parameters()]
    for grad in grads:
        dist.all_reduce(grad)
    return grads


@pytest.mark.parametrize(
    ("trainer", "returned", "held_back"),
    [
        pytest.param(trainers.Naive, True, 0, id="reduces afterwards"),
        pytest.param(trainers.Overlapping, True, PARAMETERS, id="launches in hooks and waits at the end"),
        pytest.param(trainers.Futures, True, PARAMETERS, id="launches in hooks and waits for futures at the end"),
        pytest.param(trainers.WaitsInTheHook, False, 1, id="async, and waits in the hook"),
        pytest.param(trainers.Blocking, False, 1, id="blocks in the hook"),
    ],
)
def test_backward_returns_while_all_is_held_or_it_does_not(tmp_path, trainer, returned, held_back):
    expected = ranks(plain, tmp_path)[0]
    (tmp_path / "store").unlink()
    for answer, count, grads in ranks(watched, tmp_path, trainer, 50.0):
        assert (answer, count) == (returned, held_back)
        for grad, known in zip(grads, expected, strict=True):
            torch.testing.assert_close(grad, known)


def test_waiting_for_a_future_is_seen_by_the_clock(tmp_path):
    assert [answer[:2] for answer in ranks(watched, tmp_path, trainers.WaitsForTheFuture, 0.3)] == [[False, 1]] * 2


def torchs_own():
    wrapped = DistributedDataParallel(trainers.net(), bucket_cap_mb=300 / 2**20)
    for _ in range(2):
        trainers.loss(wrapped).backward()
    wrapped.zero_grad()
    value = trainers.loss(wrapped)
    with held() as gate:
        returned = gate.returned(value.backward, seconds=0.3)
        count = gate.held
    grad = next(wrapped.parameters()).grad.clone()
    wrapped.zero_grad()
    trainers.loss(wrapped).backward()
    return [returned, count, torch.equal(grad, next(wrapped.parameters()).grad)]


def test_torchs_own_launches_early_but_waits_in_backward_and_goes_on_afterwards(tmp_path):
    for returned, count, alike in ranks(torchs_own, tmp_path):
        assert returned is False
        assert count > 1
        assert alike


# ---- what is held ----------------------------------------------------------------------------------------------


def hold_one():
    handles = []
    with held() as gate:
        gate.returned(lambda: handles.extend(dist.all_reduce(torch.ones(2), async_op=True) for _ in range(2)))
        before = handles[0].is_completed(), handles[0].get_future().done()
    handles[0].wait()
    late = handles[1].get_future().wait()
    return [before, handles[0].is_completed(), [part.tolist() for part in (*handles[0].get_future().wait(), *late)]]


def test_what_is_held_is_not_completed_and_completes_at_the_end(tmp_path):
    assert ranks(hold_one, tmp_path) == [[(False, False), True, [[2.0, 2.0]] * 2]] * 2


def leave():
    trainer = trainers.WaitsInTheHook()
    threads = threading.active_count()
    value = trainers.loss(trainer.module)
    with held() as gate:
        gate.returned(lambda: trainer.backward(value))
    total = torch.ones(3)
    dist.all_reduce(total)
    return [threading.active_count() - threads, total.tolist()]


def test_nothing_is_left_behind_and_the_group_goes_on(tmp_path):
    assert ranks(leave, tmp_path) == [[0, [2.0, 2.0, 2.0]]] * 2


def record_inside():
    trainer = trainers.Overlapping()
    value = trainers.loss(trainer.module)
    with held() as gate, recorded() as log:
        log.marks_grads(trainer.module)
        gate.returned(value.backward)
    trainer.finish()
    return [event["mark"] or event["op"] for event in log.events]


def test_a_log_around_the_call_takes_down_what_its_thread_launches(tmp_path):
    for words in ranks(record_inside, tmp_path):
        assert words.count("allreduce_") == PARAMETERS
        assert words[-2:] == ["grad of 0.weight", "allreduce_"]


def somebody_else_waits():
    handles = []

    def launch_and_hand_over():
        handles.append(dist.all_reduce(torch.ones(2), async_op=True))
        waiter = threading.Thread(target=handles[0].wait)
        waiter.start()
        handles.append(waiter)

    with held() as gate:
        returned = gate.returned(launch_and_hand_over)
    handles[1].join()
    return returned


def test_a_thread_of_the_students_own_may_wait(tmp_path):
    assert ranks(somebody_else_waits, tmp_path) == [True, True]


# ---- calls -----------------------------------------------------------------------------------------------------


class StudentError(Exception):
    pass


def fail():
    raise StudentError


def test_what_the_call_raises_is_raised_and_only_once():
    with held() as gate:
        with pytest.raises(StudentError):
            gate.returned(fail)
        assert gate.returned(list)


def fail_late():
    def reduce_and_fail():
        dist.all_reduce(torch.ones(2))
        raise StudentError

    with pytest.raises(StudentError), held() as gate:
        assert not gate.returned(reduce_and_fail)
    return "raised"


def test_what_it_raises_later_is_raised_at_the_end(tmp_path):
    assert ranks(fail_late, tmp_path) == ["raised", "raised"]


def test_the_call_runs_under_the_modes_of_its_caller():
    class Counting(Watch):
        seen = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.seen += 1
            return func(*args, **(kwargs or {}))

    with Counting() as mode, held() as gate:
        gate.returned(lambda: torch.ones(2) + 1)
    assert mode.seen == 2
