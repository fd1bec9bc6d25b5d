import signal
import time
from contextlib import suppress

import pytest

from grader.checking.deadline import TookTooLong, deadline


def wait(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_what_ends_in_time_is_left_alone():
    with deadline(60):
        wait(0)


def test_what_does_not_end_is_stopped():
    with pytest.raises(TookTooLong, match=r"not done after 0\.1 s") as raised, deadline(0.1):
        wait(60)
    assert isinstance(raised.value.__cause__, KeyboardInterrupt)


def test_without_seconds_there_is_no_limit():
    with deadline(None):
        wait(0)


def test_ctrl_c_is_still_ctrl_c():
    with pytest.raises(KeyboardInterrupt), deadline(60):
        raise KeyboardInterrupt


def test_code_that_catches_the_interrupt_was_too_slow_all_the_same():
    with pytest.raises(TookTooLong), deadline(0.1), suppress(KeyboardInterrupt):
        wait(60)


def test_it_works_where_ctrl_c_is_ignored_as_in_a_background_job():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(TookTooLong), deadline(0.1):
            wait(60)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
