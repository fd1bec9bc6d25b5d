"""Whether processes have come to rest, told from what was seen of them. No process is waited for here."""

from __future__ import annotations

import os

import pytest

from grader.ranks import idleness
from grader.ranks.idleness import FIRST_SECONDS, LEAST, Idleness, Look


@pytest.fixture
def seen(monkeypatch):
    """Has looks taken at given times: `seen(at, cpu_seconds, awake)` returns what is made of it."""
    resting = Idleness()

    def look(at: float, cpu_seconds: float = 0.0, awake: bool = False, pids=(7, 8)) -> bool:
        monkeypatch.setattr(idleness, "_look", lambda _: Look(at, cpu_seconds, awake))
        monkeypatch.setattr(idleness.time, "monotonic", lambda: at)
        return resting.of(list(pids))

    return look


STEP = FIRST_SECONDS / LEAST / 2


def test_processes_that_sleep_for_a_while_have_come_to_rest(seen):
    found = [seen(100 + i * STEP) for i in range(2 * LEAST + 2)]
    assert found == [False] * (2 * LEAST + 1) + [True]


def test_it_is_said_again_only_after_twice_as_long(seen):
    said = [i for i in range(12 * LEAST) if seen(100 + i * STEP)]
    assert len(said) == 2
    assert said[1] - said[0] >= 2 * said[0] - 1


def test_processes_that_compute_have_not(seen):
    assert not any(seen(100 + i * STEP, cpu_seconds=i * STEP / 4) for i in range(6 * LEAST))


def test_processes_that_are_kept_from_computing_have_not(seen):
    assert not any(seen(100 + i * STEP, awake=i % 2 == 0) for i in range(6 * LEAST))


def test_threads_of_gloo_may_wake_now_and_then(seen):
    found = [seen(100 + i * STEP, cpu_seconds=0.01 * (i > 9), awake=i == 9) for i in range(2 * LEAST + 2)]
    assert found[-1]


def test_few_looks_say_nothing_for_this_process_was_not_running_either(seen):
    assert not any(seen(100 + i * 2 * FIRST_SECONDS) for i in range(LEAST))


def test_it_begins_anew_when_one_of_them_has_ended(seen):
    half = LEAST
    assert not any(seen(100 + i * STEP) for i in range(half))
    assert not any(seen(100 + i * STEP, pids=(7,)) for i in range(half, 2 * LEAST + 2))


def test_this_process_is_busy_and_one_that_is_gone_is_not():
    assert idleness.busy(os.getpid())
    assert not idleness.busy(2**22 + 1)
