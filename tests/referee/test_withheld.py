"""What a check's message or hint says of its inputs and expected values is kept from the student, and not scored."""

import shutil
from pathlib import Path

import pytest

from grader.model import CheckResult, Outcome
from grader.teaching.phrases import OUTCOMES
from tests.referee.tiny import a_course, copy_of_tiny, judged

WRONG = "def double(x):\n    return 3 * x\n"
RAISES = "def double(x):\n    raise ValueError(x)\n"


def check_that_says(sentence: str, inputs: str = "torch.randn(3, generator=rng)") -> str:
    return f'''
@check("double", points=100)
def test_a(candidate, reference, rng):
    """A."""
    x = {inputs}
    expected = reference.call("double", x)
    actual = candidate.call("double", x)
    require(torch.equal(actual, expected), {sentence})
'''


def only(results: dict[str, CheckResult]) -> CheckResult:
    (result,) = results.values()
    return result


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("f'for {x[0].item()!r}'", "a hidden input"),
        ("f'for {x}'", "a hidden input"),
        ("f'{expected[1]:.4f} is right'", "an expected value"),
        ("f'{expected.tolist()}'", "an expected value"),
    ],
)
def test_a_message_that_holds_a_hidden_value_is_withheld_and_the_instructor_reads_it(tmp_path, sentence, kind):
    result = only(judged(a_course(tmp_path, check_that_says(sentence)), WRONG))
    assert result.message == OUTCOMES["failed"][1][0]
    assert result.detail.startswith(f"withheld from the student: it holds {kind} (")
    assert "CheckFailed" in result.detail
    assert (result.outcome, result.earned, result.points) == (Outcome.FAILED, 0, 100)


def test_it_is_withheld_in_the_language_of_the_run(tmp_path):
    result = only(judged(a_course(tmp_path, check_that_says("f'{x[0]:.4f}'")), WRONG, language="zh"))
    assert result.message == OUTCOMES["failed"][1][1]


def test_a_message_without_hidden_values_is_the_students_to_read(tmp_path):
    result = only(judged(a_course(tmp_path, check_that_says("'twice 21 is 42, to 0.125'")), WRONG))
    assert result.message == "twice 21 is 42, to 0.125"
    assert "withheld" not in result.detail


def test_a_value_that_the_handout_names_is_not_hidden(tmp_path):
    solution = a_course(tmp_path, check_that_says("'try 0.625'", "torch.tensor([0.625])"))
    assert only(judged(solution, WRONG)).message == OUTCOMES["failed"][1][0]
    (solution.parents[1] / "assignments" / solution.name / "README.md").write_text("Try 0.625 first.\n")
    assert only(judged(a_copy(solution, tmp_path / "named"), WRONG)).message == "try 0.625"


def a_copy(solution: Path, folder: Path) -> Path:
    """Return another solution folder with the same files: a suite is read once a folder."""
    shutil.copytree(solution.parents[1], folder)
    return folder / "solutions" / solution.name


def test_a_hint_that_holds_an_expected_value_is_withheld(tmp_path):
    solution = copy_of_tiny(tmp_path)
    bank = solution / "misconceptions.py"
    source = """
from grader.checks import misconception

@misconception(replaces="double", hint="Should it not be 1.375?", fails=["a"])
def triple(x):
    return 3 * x
"""
    a_course(tmp_path, check_that_says("'it is not doubled'", "torch.tensor([0.6875])"))
    bank.write_text(source)
    result = only(judged(solution, WRONG))
    assert (result.message, result.diagnosis.misconception, result.diagnosis.hint) == (
        "it is not doubled",
        "triple",
        "",
    )
    assert "withheld from the student: it holds an expected value (1.375): Should it not be 1.375?" in result.detail


def test_an_input_is_hidden_also_where_nothing_answered(tmp_path):
    ends = "import os\ndef double(x):\n    os._exit(0)\n"
    source = '''
@check("double", points=100)
def test_a(candidate, rng):
    """A."""
    x = torch.rand((), generator=rng).item()
    try:
        candidate.call("double", x)
    except Exception as error:
        raise type(error)(error.outcome, f"no answer for {x:.5f}") from None
'''
    result = only(judged(a_course(tmp_path, source), ends))
    assert (result.outcome, result.message) == (Outcome.CRASHED, OUTCOMES["crashed"][1][0])


def test_what_one_check_drew_is_not_looked_for_in_the_next(tmp_path):
    source = (
        check_that_says("'a'", "torch.tensor([0.6875])")
        + '''
@check("double", points=0)
def test_b(candidate):
    """B."""
    require(candidate.call("double", 1) == 2, "try 0.6875")
'''
    )
    results = judged(a_course(tmp_path, source), WRONG)
    assert results["b"].message == "try 0.6875"
