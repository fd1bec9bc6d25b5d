"""How each check ends, and whose fault that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import CheckResult, Outcome
from tests.referee.tiny import RIGHT, a_course, copy_of_tiny, judged

PASSED, FAILED, BLOCKED = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED
PENDING, INVALID = Outcome.PENDING, Outcome.INVALID


def outcomes(results: dict[str, CheckResult]) -> dict[str, Outcome]:
    return {name: result.outcome for name, result in results.items()}


def checks(*bodies: str) -> str:
    """Return the source of checks a, b, c... that share 100 points; `after=x: body` comes after x."""
    made = []
    for name, body in zip("abcdefg", bodies, strict=False):
        mark, _, rest = body.rpartition(": ")
        after = f", {mark}" if mark.startswith("after=") else ""
        body = rest if after else body
        made.append(
            f'@check("double", points={100 / len(bodies)}{after})\n'
            f'def test_{name}(same, candidate, reference, rng, device):\n    """Check {name}."""\n    {body}\n'
        )
    return "\n".join(made)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_tiny(tmp_path_factory.mktemp("judge"))


# ---- outcomes --------------------------------------------------------------------------------------------------


def test_a_right_student_earns_everything(tiny):
    results = judged(tiny, RIGHT)
    assert set(outcomes(results).values()) == {PASSED}
    assert sum(result.earned for result in results.values()) == 100
    assert [result.message for result in results.values()] == [""] * 5
    assert not any(result.detail or result.diagnosis for result in results.values())


def test_cases_of_one_check_share_its_points_and_are_judged_one_by_one(tiny):
    wrong_for_integers = "def double(x):\n    return (2 * x).double()\n"
    results = judged(tiny, wrong_for_integers, only="double")
    assert {n: (r.outcome, r.earned, r.points) for n, r in results.items()} == {
        "values": (PASSED, 40, 40),
        "keeps_dtype[float32]": (FAILED, 0, 10),
        "keeps_dtype[int64]": (FAILED, 0, 10),
    }
    assert results["keeps_dtype[int64]"].message == "the answer is float64 where int64 is expected"


def test_what_a_stub_or_an_absent_name_raises_is_not_attempted(tiny):
    results = judged(tiny, "def double(x):\n    raise NotImplementedError('double: see README.md')\n")
    assert [results[name].outcome for name in ("values", "scale_values")] == [Outcome.NOT_ATTEMPTED] * 2
    assert results["values"].message == "not implemented yet at tiny.py, line 2"
    assert results["scale_values"].message == "Scaler is not defined"


def test_a_check_is_blocked_until_those_before_it_pass(tmp_path):
    source = checks(
        "require(candidate.call('double', 1) == 2, 'one is wrong')",
        "same('double', T(2))",
        "after='a': same('double', T(3))",
        "after='c': same('double', T(4))",
        "after=('a', 'b', 'c'): same('double', T(5))",
        "after='b': same('double', T(6))",
    )
    results = judged(a_course(tmp_path, source), "def double(x):\n    return 2 * x if x > 1 else 7\n")
    assert outcomes(results) == {"a": FAILED, "b": PASSED, "c": BLOCKED, "d": BLOCKED, "e": BLOCKED, "f": PASSED}
    assert results["a"].message == "one is wrong"
    assert results["e"].message == "comes after a, c"
    assert {n: r.after for n, r in results.items()} == {
        "a": (), "b": (), "c": ("a",), "d": ("c",), "e": ("a", "c"), "f": ("b",),
    }  # fmt: skip


def test_a_blocked_check_waits_for_each_case_of_the_one_before_it(tmp_path):
    source = '''
@pytest.mark.parametrize("n", [1, 2])
@check("double", points=50)
def test_a(same, n):
    """A."""
    same("double", T(n))

@check("double", points=50, after=test_a)
def test_b(same):
    """B."""
'''
    results = judged(a_course(tmp_path, source), "def double(x):\n    return x * 0 + 2\n")
    assert outcomes(results) == {"a[1]": PASSED, "a[2]": FAILED, "b": BLOCKED}
    assert results["b"].after == ("a[1]", "a[2]")
    assert results["a[2]"].title == "A. (2)"


def test_a_check_that_needs_what_is_not_here_is_pending_and_so_is_what_waits_for_it_alone(tmp_path):
    source = checks(
        "pytest.skip('needs a GPU')",
        "same('double', T(1))",
        "after=('a', 'b'): same('double', T(2))",
        "require(candidate.call('double', 9) == 18, 'wrong')",
        "after=('a', 'd'): same('double', T(3))",
        "after='c': same('double', T(3))",
    )
    results = judged(a_course(tmp_path, source), "def double(x):\n    return 2 * x if x < 9 else 0\n")
    assert outcomes(results) == {"a": PENDING, "b": PASSED, "c": PENDING, "d": FAILED, "e": BLOCKED, "f": PENDING}
    assert (results["a"].message, results["a"].earned) == ("needs a GPU", 0)
    assert results["c"].after == ("a",)


def test_a_mark_says_that_an_assert_may_be_read(tmp_path):
    source = '''
@pytest.mark.shown
@check("double", points=60)
def test_said(candidate):
    """Said."""
    assert candidate.call("double", 2) == 4, "two and two"

@check("double", points=40)
def test_unsaid(candidate):
    """Unsaid."""
    assert candidate.call("double", 2) == 4, "two and two"
'''
    results = judged(a_course(tmp_path, source), "def double(x):\n    return x\n")
    assert outcomes(results) == {"said": FAILED, "unsaid": FAILED}
    assert results["said"].message.startswith("two and two")
    assert results["unsaid"].message == "what this check demands does not hold"


def test_a_check_that_breaks_on_the_reference_too_is_invalid(tmp_path):
    source = checks(
        "1 / 0",
        "assert candidate.call('double', 1) == 3",
        "candidate.call('dubble', 1)",
        "same('dubble', 1)",
        "candidate.run(sorted, 1)",
        "after='a': same('double', T(1))",
    )
    results = judged(a_course(tmp_path, source))
    assert outcomes(results) == {"a": INVALID, "b": INVALID, "c": Outcome.NOT_ATTEMPTED, "d": INVALID, "e": INVALID} | {
        "f": BLOCKED
    }
    assert {r.message for r in results.values() if r.outcome is INVALID} == {
        "this check broke; the instructor has been told"
    }
    assert results["a"].detail.startswith("the reference fails this check too\n")
    assert "ZeroDivisionError" in results["a"].detail


def test_an_answer_that_makes_the_check_raise_is_the_students(tmp_path):
    source = checks(
        "candidate.call('double', 1) + 1",
        "require(candidate.call('double', 1) > 0, 'never said')",
        "assert candidate.call('double', 1) == 2",
    )
    results = judged(a_course(tmp_path, source), "def double(x):\n    return 'two'\n")
    assert {n: (r.outcome, r.earned, r.message) for n, r in results.items()} == {
        "a": (FAILED, 0, "the answer is not of a kind that this check can use"),
        "b": (FAILED, 0, "the answer is not of a kind that this check can use"),
        "c": (FAILED, 0, "what this check demands does not hold"),
    }


def test_a_student_may_see_the_details_of_a_check_that_is_shown(tmp_path):
    source = """
@pytest.mark.shown
@check("double", points=100)
def test_a(candidate):
    \"\"\"A.\"\"\"
    assert candidate.call("double", T(1)) == 2, "twice one is two"
"""
    result = judged(a_course(tmp_path, source), "def double(x):\n    return x\n")["a"]
    assert (result.outcome, result.message) == (FAILED, "twice one is two")


def test_an_answer_that_the_reference_cannot_use_is_the_students(tmp_path):
    source = checks(
        "reference.call('double', candidate.call('double', T(1)))",
        "candidate.call('double', reference.call('double', T(1), T(2)))",
    )
    results = judged(a_course(tmp_path, source), "def double(x):\n    return 'two'\n")
    assert (results["a"].outcome, results["a"].message) == (
        FAILED,
        "the answer is not of a kind that this check can use",
    )
    assert results["b"].outcome is INVALID


def test_a_reference_that_crashes_once_is_never_the_students_fault(tmp_path):
    solution = a_course(tmp_path, checks("same('double', T(1))"))
    flag, reference = tmp_path / "crashed", solution / "tiny.py"
    crash = f"import os\n    if not os.path.exists({str(flag)!r}): open({str(flag)!r}, 'w').close(); os._exit(3)\n    "
    reference.write_text(reference.read_text().replace("return twice(x)", crash + "return twice(x)"))
    result = judged(solution, "def double(x):\n    return 3 * x\n")["a"]
    assert (result.outcome, result.earned) == (INVALID, 0)
    assert "the reference cannot answer double: double() ended the process (exit status 3)" in result.detail


def test_only_the_detail_which_is_the_instructors_shows_values(tmp_path):
    source = checks("assert candidate.call('double', 4242) == reference.call('double', 4242)")
    result = judged(a_course(tmp_path, source), "def double(x):\n    return 7373\n")["a"]
    assert "7373" not in result.message
    assert "7373" in result.detail
    assert "_pytest" not in result.detail


def test_a_check_with_fixtures_of_its_own_can_be_tried_on_the_reference(tmp_path):
    source = '''
OPEN = []

@pytest.fixture
def place(tmp_path):
    OPEN.append(1)
    yield tmp_path
    OPEN.pop()

@check("double", points=100)
def test_a(candidate, place):
    """A."""
    assert OPEN == [1]
    assert place.exists()
    assert candidate.call("double", 1) == 2
'''
    solution = a_course(tmp_path, source)
    assert judged(solution, "def double(x):\n    return 3\n")["a"].outcome is FAILED
    assert judged(solution)["a"].outcome is PASSED


# ---- inputs ----------------------------------------------------------------------------------------------------


def test_inputs_follow_from_the_seed_and_the_name_of_the_check(tmp_path):
    draw = "raise RuntimeError(str(torch.rand(1, generator=rng).item()))"
    solution = a_course(tmp_path, checks(draw, draw))

    def drawn(seed: bytes) -> list[str]:
        return [result.detail.splitlines()[-1] for result in judged(solution, seed=seed).values()]

    first = drawn(b"one")
    assert drawn(b"one") == first
    assert len({*first, *drawn(b"two")}) == 4


# ---- a selection -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("scale", ["scale_values", "refuses_a_negative_factor"]),
        ("keeps_dtype", ["keeps_dtype[float32]", "keeps_dtype[int64]"]),
        ("keeps_dtype[int64]", ["keeps_dtype[int64]"]),
        ("parametrize", ["keeps_dtype[float32]", "keeps_dtype[int64]"]),
        ("nothing", []),
    ],
    ids=["a part", "a check", "a case", "a mark", "nothing"],
)
def test_only_what_is_asked_for_is_reported(tiny, only, names):
    assert list(judged(tiny, RIGHT, only=only)) == names


def test_what_is_asked_for_still_comes_after_the_checks_before_it(tiny):
    results = judged(tiny, "def double(x):\n    return x\n", only="keeps_dtype[int64]")
    assert outcomes(results) == {"keeps_dtype[int64]": BLOCKED}


# ---- diagnosis and language ------------------------------------------------------------------------------------


def test_a_misconception_is_named_with_its_hint(tiny):
    result = judged(tiny, "def double(x):\n    return 2 + x\n", only="values")["values"]
    assert result.diagnosis is not None
    assert result.diagnosis.misconception == "adds_two"
    assert result.diagnosis.hint == "What is the double of 5? Try a number other than 2."


def test_title_and_hint_are_in_the_language_of_the_run(tiny):
    result = judged(tiny, "def double(x):\n    return 2 + x\n", only="values", language="zh")["values"]
    assert result.title == "输出是输入的两倍"
    assert result.message.startswith("结果")
    assert result.diagnosis is not None
    assert result.diagnosis.hint == "5 的两倍是多少？试一个不是 2 的数。"


def test_there_is_no_hint_where_no_misconception_explains_the_answer(tiny):
    assert judged(tiny, "def double(x):\n    return x\n", only="values")["values"].diagnosis is None
