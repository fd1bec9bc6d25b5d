from __future__ import annotations

import sys

import pytest

from benchmarks.cost import MB, Failed, cost_of, family

WORK = "import time\nwhile time.process_time() < 0.3: pass"
GRANDCHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORK!r}])"
HOLDS = "import time; block = b'x' * (64 << 20); time.sleep(1)"


def test_counts_what_a_grandchild_uses():
    assert 0.3 <= cost_of([sys.executable, "-c", GRANDCHILD]).cpu < 3


def test_does_not_count_what_this_process_uses():
    sum(i * i for i in range(3_000_000))
    assert cost_of([sys.executable, "-c", "pass"]).cpu < 0.15


def test_says_what_a_command_that_failed_wrote():
    with pytest.raises(Failed, match=r"ended with 3:\nthe reason"):
        cost_of([sys.executable, "-c", "print('the reason'); raise SystemExit(3)"])


def test_sees_the_memory_of_the_command_at_its_peak():
    cost = cost_of([sys.executable, "-c", HOLDS], watch=True)
    assert 64 * MB < cost.main < 256 * MB
    assert cost.all > 64 * MB


def test_memory_is_not_looked_at_unless_asked_for():
    assert cost_of([sys.executable, "-c", "pass"]).main == 0


def test_a_process_that_has_gone_has_no_family():
    assert family(2**22 - 1) == [2**22 - 1]
