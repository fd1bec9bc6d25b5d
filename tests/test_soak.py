"""A small soak: the same processes, descriptors, mounts and files after each ten submissions, a tenth of them hostile.

The whole one is `python -m benchmarks soak`.
"""

from __future__ import annotations

import shutil

import pytest

from benchmarks.soak import BOUNDS, KB, Soaked, soak
from grader.redteam.attack import chosen

ATTACKS = ("fills_tmp", "fork_bomb", "kills_parent", "leaves_daemon", "memory_by_processes", "sends_descriptors")
EVERY = 10
GROWTH = 256 * KB  # a submission: sixty tell a leak of whole modules or tensors, a thousand one of kilobytes

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    return soak(tmp_path_factory.mktemp("soak"), chosen(ATTACKS), EVERY)


def test_a_tenth_is_hostile_and_the_run_is_looked_at_all_along(soaked: Soaked):
    assert (soaked.size, soaked.hostile) == (60, 6)
    assert [look.finished for look in soaked.looks] == [10, 20, 30, 40, 50]


def test_nothing_that_can_be_counted_changes(soaked: Soaked):
    assert soaked.changed == {}


def test_only_the_three_long_lived_processes_are_there_at_rest(soaked: Soaked):
    assert {look.counts["processes"] for look in soaked.looks} == {3}
    assert {look.counts["network namespaces"] for look in soaked.looks} == {1}
    assert {look.counts["temporary files"] for look in soaked.looks} == {0}


def test_no_process_grows_by_much(soaked: Soaked):
    assert {name: grown for name in BOUNDS if (grown := soaked.growth(name)) > GROWTH} == {}


def test_every_result_is_what_it_would_have_been_alone(soaked: Soaked):
    assert soaked.wrong == ()


def test_nothing_is_left_behind(soaked: Soaked):
    assert soaked.left == ()
