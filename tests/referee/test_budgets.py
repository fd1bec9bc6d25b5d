"""What a count may be, how it may grow, and a count that what was measured from outside contradicts."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import CheckFailed, agrees_with, at_most, grows
from grader.model import MB, Growth, Outcome, Part
from grader.referee.budgets import COPIES, LARGEST, SLACK, collected, exponent
from grader.referee.respondent import Respondent
from grader.referee.sandboxed import Sandboxed
from grader.referee.usage import MOST_AT_IMPORT, NOT_MEASURED, Used, start_of_forks
from grader.referee.usage import used as used_by
from grader.wire.entry import Ended
from tests.referee.tiny import a_course, judged

pytest_plugins = ["tests.referee.warm"]


# ---- at_most -----------------------------------------------------------------------------------------------------


def test_a_count_may_be_as_large_as_its_bound():
    at_most(0, 0)
    at_most(320, 320)
    at_most(319.5, 320)


@pytest.mark.parametrize(
    ("value", "bound", "said"),
    [
        pytest.param(320, 100, "FLOPs: 3.2 times what this part allows", id="two digits"),
        pytest.param(1001, 1000, "FLOPs: 1.1 times what this part allows", id="never 1.0 times"),
        pytest.param(1234, 100, "FLOPs: 13 times what this part allows", id="rounded up"),
        pytest.param(99_900, 100, "FLOPs: 1000 times what this part allows", id="three digits would tell an input"),
        pytest.param(1, 0, "FLOPs: more than this part allows", id="nothing is allowed"),
    ],
)
def test_a_count_above_its_bound_is_told_as_a_factor(value, bound, said):
    with pytest.raises(CheckFailed) as failed:
        at_most(value, bound)
    assert str(failed.value) == said


def test_a_count_has_a_name():
    with pytest.raises(CheckFailed, match=r"^the largest tensor: 2\.0 times what this part allows$"):
        at_most(2, 1, "the largest tensor")


NO_NUMBERS = [None, True, "12", -1, math.nan, math.inf, -math.inf, 10**400, LARGEST, 1j, [1], torch.tensor(1)]


@pytest.mark.parametrize("claimed", NO_NUMBERS, ids=repr)
def test_what_is_no_number_fails_whatever_the_bound(claimed):
    for demand in (
        lambda: at_most(claimed, math.inf),
        lambda: grows([1, 2], [1, claimed], at_most=9),
        lambda: agrees_with(claimed, NOT_MEASURED),
    ):
        with pytest.raises(CheckFailed, match=r"what was counted is no number$"):
            demand()


# ---- grows -------------------------------------------------------------------------------------------------------


@given(
    power=st.floats(0, 4),
    scale=st.floats(1, 1e6),
    sizes=st.lists(st.integers(1, 4096), min_size=2, max_size=8, unique=True),
)
def test_the_exponent_of_a_power_is_that_power(power, scale, sizes):
    assert exponent(sizes, [scale * size**power for size in sizes]) == pytest.approx(power, abs=1e-6)


def test_the_fit_is_the_least_squares_line_through_the_logarithms():
    """y = (0, 1, 1) over x = (0, 1, 2): the slope is 1/2, by hand."""
    assert exponent([1, 2, 4], [1, 2, 2]) == pytest.approx(float(Fraction(1, 2)))


def test_counts_of_zero_do_not_grow():
    assert grows([64, 128, 256], [0, 0, 0], at_most=0.1) == 0


@pytest.mark.parametrize(
    ("power", "allowed", "said"),
    [
        pytest.param(2, 1.2, "your memory grows like n^2.0; linear is n^1.0", id="linear was asked for"),
        pytest.param(1, 0.1, "your memory grows like n^1.0; constant is n^0.0", id="constant"),
        pytest.param(3, 2.2, "your memory grows like n^3.0; quadratic is n^2.0", id="quadratic"),
        pytest.param(2, 1.7, "your memory grows like n^2.0; at most n^1.7 is asked for", id="neither"),
    ],
)
def test_a_growth_that_is_too_fast_is_told_beside_what_was_asked_for(power, allowed, said):
    sizes = [256, 512, 1024]
    with pytest.raises(CheckFailed) as failed:
        grows(sizes, [size**power for size in sizes], at_most=allowed)
    assert str(failed.value) == said


def test_a_growth_that_is_slow_enough_passes_and_returns_its_exponent():
    assert grows([256, 512], [3 * 256, 3 * 512], name="FLOPs") == pytest.approx(1)


def test_a_lower_term_does_not_make_a_line_too_steep():
    """16 n + 100 000, as a state beside the tokens: the exponent is below 1, never above."""
    sizes = [1024, 2048, 4096]
    assert grows(sizes, [16 * size + 100_000 for size in sizes]) < 1


def test_one_size_shows_no_growth():
    with pytest.raises(ValueError, match="two sizes"):
        grows([8, 8], [1, 2])


def test_a_student_who_sends_fewer_counts_fails():
    with pytest.raises(CheckFailed, match=r"^memory: 3 sizes were asked for, and there are 1 counts$"):
        grows([1, 2, 4], [1])


# ---- in the result -----------------------------------------------------------------------------------------------

GROWING = """
@check("double", points=100)
def test_memory(candidate):
    '''Memory grows with the length.'''
    sizes = [64, 128, 256]
    grows(sizes, [candidate.call("double", T(n)).item() for n in sizes], at_most=1.2)
    grows(sizes, [1, 1, 1], at_most=0.1, name="state")
"""
IMPORTS = "from grader.checks import at_most, grows\n"


def test_every_growth_is_in_the_result_of_its_check(tmp_path):
    passed = judged(a_course(tmp_path, IMPORTS + GROWING))["memory"]
    assert passed.outcome is Outcome.PASSED
    assert [growth.name for growth in passed.growths] == ["memory", "state"]
    assert passed.growths[0] == Growth("memory", (64, 128, 256), (128, 256, 512), pytest.approx(1), 1.2)


def test_a_growth_that_failed_is_in_it_too_and_that_of_the_reference_is_not(tmp_path):
    failed = judged(a_course(tmp_path, IMPORTS + GROWING), "def double(x): return x * x")["memory"]
    assert failed.outcome is Outcome.FAILED
    assert failed.message == "your memory grows like n^2.0; linear is n^1.0"
    assert [round(growth.exponent, 1) for growth in failed.growths] == [2.0]


def test_growths_of_one_check_are_not_in_the_next(tmp_path):
    two = GROWING.replace("100", "50") + GROWING.replace("100", "50").replace("test_memory", "test_again")
    assert [len(result.growths) for result in judged(a_course(tmp_path, IMPORTS + two)).values()] == [2, 2]


def test_growths_are_collected_only_where_somebody_asks():
    with collected() as outer:
        grows([1, 2], [1, 2])
        with collected() as inner:
            grows([1, 2], [1, 2])
    grows([1, 2], [1, 2])
    assert (len(outer), len(inner)) == (1, 1)


# ---- measured from outside ---------------------------------------------------------------------------------------


def test_what_a_trusted_fork_uses_is_not_measured(tmp_path):
    check = """
@check("double", points=100)
def test_used(candidate, reference):
    '''Used.'''
    assert candidate.used == reference.used == (0.0, 0, 0)
    candidate.call("double", 2)
    assert candidate.used[:2] == (0.0, 0)
    at_most(0, 1, measured=candidate.used)
"""
    assert judged(a_course(tmp_path, IMPORTS + check))["used"].outcome is Outcome.PASSED


def test_a_measure_far_above_a_count_contradicts_it():
    moved = Used(0.1, SLACK + COPIES * (3 * MB), 2 * MB)
    agrees_with(1 * MB, moved)
    for peak in (moved.peak_bytes + 1, 10 * SLACK):
        with pytest.raises(CheckFailed, match=r"^memory: the call needed far more memory than was counted$"):
            at_most(1 * MB, 2 * MB, "memory", measured=moved._replace(peak_bytes=peak))


def test_a_count_that_is_too_large_is_told_before_one_that_is_too_small():
    with pytest.raises(CheckFailed, match=r"2\.0 times"):
        at_most(2 * MB, 1 * MB, measured=Used(0.1, 100 * SLACK))


def test_what_a_module_holds_since_its_import_is_not_a_calls_up_to_a_limit():
    assert start_of_forks(200 * MB, 230 * MB) == 230 * MB
    assert start_of_forks(200 * MB, 900 * MB) == 200 * MB + MOST_AT_IMPORT
    assert start_of_forks(200 * MB, 190 * MB) == 200 * MB


def test_where_an_interpreter_is_executed_anew_memory_is_not_measured():
    end = Ended(1, 0, 2.5, 900 * MB)
    assert used_by(end, None) == Used(2.5, 0)
    assert used_by(end, 200 * MB) == Used(2.5, 700 * MB)
    assert used_by(None, None) == NOT_MEASURED


def test_the_largest_process_of_any_look_counts_where_it_is_more_than_the_account_says():
    end = Ended(1, 0, 2.5, 300 * MB)
    assert used_by(end, 200 * MB, 900 * MB).peak_bytes == 700 * MB
    assert used_by(end, 200 * MB, 250 * MB).peak_bytes == 100 * MB
    assert used_by(None, 200 * MB, 250 * MB).peak_bytes > 1000 * SLACK


PROBES = """
from grader.probing import metered

def counted(student, x):
    with metered() as used:
        student.f(x)
    return used.counts()
"""
QUADRATIC = """
def f(x):
    x = x.flatten()
    return (x[:, None] * x[None, :]).sum()
"""
LINEAR = """
def f(x):
    return (x.flatten() * 2).sum()
"""
FORGED = """
from grader.probing.meter import Meter
Meter.counts = lambda self: {"peak_bytes": 40_000}
"""
HOARDED = """
HOARD = bytearray(300 << 20)
HOARD[::4096] = b"x" * len(HOARD[::4096])
def let_go():
    HOARD.clear()
quadratic = f
def f(x):
    let_go()
    return quadratic(x)
"""
LEAVES_ONE = """
import os, time
alone = f
def f(x):
    if os.fork() == 0:
        time.sleep(600)
    return alone(x)
"""
GREETS_BY_A_GRANDCHILD = """
import os, time, grader.candidate.loader as loader
answers = loader._candidate

def candidate(*args, **options):
    if os.fork() == 0:
        answers(*args, **options)
    time.sleep(600)

loader._candidate = candidate
"""
BY_A_CHILD = """
import os, signal, time
alone = f
def f(x):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for it, so it is in nobody's account
    if os.fork():
        time.sleep(60)
    for _ in range(5):
        kept = alone(x)
"""
X = torch.ones(1, 9000)  # a matrix of 324 MB
BOUND = 24 * X.numel() * 4


def counted() -> None:
    """Stands for the probe of this name: a check sends no more than that."""


counted.__module__ = "probes"


def counts_of(student: Sandboxed) -> tuple[int, Used]:
    """What a student's side says that it counted, and what was measured of it."""
    student.load()
    candidate = Respondent(student, Part("p", "P", 1), 10.0, None)
    peak = candidate.run(counted, X)["peak_bytes"]
    return peak, candidate.used


def test_an_honest_count_agrees_with_what_was_measured(submit):
    peak, used = counts_of(submit(LINEAR, probes=PROBES, memory=1024 * MB))
    at_most(peak, BOUND, "memory", measured=used)
    assert 0 < used.cpu_seconds < 10
    assert 0 < used.peak_bytes < SLACK
    assert X.numel() * 4 < used.moved_bytes < X.numel() * 4 + 1000


def test_a_count_that_is_honestly_large_agrees_too(submit):
    peak, used = counts_of(submit(QUADRATIC, probes=PROBES, memory=1024 * MB))
    assert peak >= X.numel() ** 2 * 4
    assert used.peak_bytes >= peak
    agrees_with(peak, used)
    with pytest.raises(CheckFailed, match="times what this part allows"):
        at_most(peak, BOUND, "memory", measured=used)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(FORGED + QUADRATIC, id="forges its count"),
        pytest.param(FORGED + QUADRATIC + HOARDED, id="and holds memory at import to let go of"),
        pytest.param(FORGED + QUADRATIC + LEAVES_ONE, id="and leaves a process behind"),
        pytest.param(FORGED + QUADRATIC + BY_A_CHILD, id="and has a child do the work and answer"),
        pytest.param(FORGED + LINEAR + GREETS_BY_A_GRANDCHILD, id="and has another process greet and answer"),
    ],
)
def test_a_forged_count_is_contradicted(submit, source):
    peak, used = counts_of(submit(source, probes=PROBES, memory=1024 * MB))
    at_most(peak, BOUND)  # the forgery would pass
    with pytest.raises(CheckFailed, match="far more memory than was counted"):
        at_most(peak, BOUND, "memory", measured=used)


def test_what_is_used_is_that_of_the_last_call(submit):
    student = submit("def f(n): return len(bytearray(b'x') * n)", memory=1024 * MB)
    student.load()
    candidate = Respondent(student, Part("p", "P", 1), 10.0, None)
    assert candidate.used == NOT_MEASURED
    peaks = []
    for n in (1, 200 * MB, 1):
        candidate.call("f", n)
        peaks.append(candidate.used.peak_bytes)
    assert peaks[1] - max(peaks[0], peaks[2]) == pytest.approx(200 * MB, rel=0.1)
