import os
import sys

import pytest

from grader.errors import CourseError, Usage
from grader.model import Outcome


def outcomes(run):
    return {check.name: check.outcome for check in run.checks}


def by_name(run, name):
    return next(check for check in run.checks if check.name == name)


def test_good_work_passes(check, good):
    run = check(good)
    assert run.good
    assert (run.passed, len(run.checks)) == (4, 4)


def test_a_check_is_a_function_with_its_docstring_for_a_title_and_belongs_to_a_part(check, good):
    told = [(number, [each.title for each in checks]) for number, _, checks in check(good).by_part()]
    assert told == [
        (1, ["Twice a number, as in the handout", "The answer has the shape of the input"]),
        (2, ["Scaler(3) of 2 is 6", "A negative factor is a ValueError"]),
    ]


def test_a_wrong_answer_is_told_with_the_message_the_case_and_both_lines(check, good):
    run = check(good.replace("x * 2", "x + 2"))
    assert not run.good
    wrong = by_name(run, "double_of_a_number")
    assert wrong.outcome is Outcome.FAILED
    assert wrong.message == "double([0.0]) should be [0.0]"
    assert wrong.case == "0.0"
    assert wrong.student.label == "ada.py, line 3"
    assert wrong.student.code == "def double(x):"
    assert wrong.check.label.startswith("test_public.py, line ")
    assert "part 1" in wrong.step
    assert "grader check --only double_of_a_number" in wrong.step


def test_an_exception_of_the_student_is_told_with_the_line_that_raised(check, good):
    wrong = by_name(check(good.replace("self.factor * x", "self.fctor * x")), "scaler_multiplies")
    assert wrong.outcome is Outcome.ERROR
    assert wrong.message.startswith("AttributeError: 'Scaler' object has no attribute 'fctor'")
    assert (wrong.student.label, wrong.student.code) == ("ada.py, line 13", "return self.fctor * x")


def test_an_answer_that_breaks_the_check_is_a_wrong_answer(check, good):
    wrong = by_name(check(good.replace("return x * 2", "return None")), "double_keeps_the_shape")
    assert wrong.outcome is Outcome.FAILED
    assert wrong.message == "AttributeError: 'NoneType' object has no attribute 'shape'"
    assert wrong.student.code == "def double(x):"


def test_an_exception_that_is_not_raised_is_told_in_words(check, good):
    wrong = by_name(check(good.replace("if factor < 0:", "if False:")), "scaler_refuses_a_negative_factor")
    assert (wrong.outcome, wrong.message) == (Outcome.FAILED, "ValueError should have been raised, and nothing was")


def test_what_the_code_printed_is_told_where_it_failed(check, good):
    run = check(good.replace("return x * 2", "print('here'); return x"))
    assert by_name(run, "double_of_a_number").printed == "here"
    assert by_name(run, "double_keeps_the_shape").printed == ""


def test_the_stub_is_not_attempted_yet(check, handout):
    run = check((handout / "tiny.py").read_text())
    assert set(outcomes(run).values()) == {Outcome.NOT_ATTEMPTED}
    assert not run.good


def test_a_function_that_is_missing_is_not_attempted_and_stops_no_other(check, good):
    run = check(good.replace("def double", "def duble"))
    assert outcomes(run)["double_of_a_number"] is Outcome.NOT_ATTEMPTED
    assert by_name(run, "double_of_a_number").message == "NotImplementedError: double is not in ada.py"
    assert outcomes(run)["scaler_multiplies"] is Outcome.PASSED


def test_a_not_implemented_error_from_within_torch_is_an_error(check, good):
    run = check(good.replace("return x * 2", "return x.to('meta').tolist()"))
    assert outcomes(run)["double_of_a_number"] is Outcome.ERROR
    assert by_name(run, "double_of_a_number").message.startswith("NotImplementedError: Cannot copy out of meta")


def test_a_check_belongs_to_a_part_by_what_its_cases_name(check, handout, good):
    case = "@pytest.mark.parametrize('kind', [Scaler])\ndef test_a(kind):\n    pass\n"
    (handout / "test_public.py").write_text(f"import pytest\nfrom tiny import Scaler\n{case}")
    assert by_name(check(good), "a").part == by_name(check("x = 1"), "a").part == 2


def test_an_endless_loop_is_stopped_and_the_other_checks_go_on(check, good):
    run = check(good.replace("return x * 2", "while True:\n        pass"), seconds=0.5)
    stopped = by_name(run, "double_keeps_the_shape")
    assert stopped.outcome is Outcome.TIMEOUT
    assert stopped.message == "it was not done after 0.5 s"
    assert stopped.student.label in ("ada.py, line 4", "ada.py, line 5")
    assert outcomes(run)["scaler_multiplies"] is Outcome.PASSED


def test_ctrl_c_stops_the_run_and_says_where(check, good):
    run = check(good.replace("return self.factor", "raise KeyboardInterrupt\n        return self.factor"))
    assert run.stopped == "Scaler(3) of 2 is 6"
    assert (run.stopped_at.label, run.stopped_at.code) == ("ada.py, line 13", "raise KeyboardInterrupt")
    assert run.passed == 2
    assert not run.good


def test_one_check_can_be_asked_for(check, good):
    assert list(outcomes(check(good, only="scaler_multiplies"))) == ["scaler_multiplies"]
    assert list(outcomes(check(good, only="test_scaler_multiplies"))) == ["scaler_multiplies"]


def test_asking_for_a_check_that_is_not_there_names_the_nearest(check, good):
    with pytest.raises(Usage, match="no public check is called 'scaler'") as raised:
        check(good, only="scaler")
    assert "scaler_multiplies" in raised.value.step


def test_a_skipped_check_counts_neither_way(check, handout, good):
    (handout / "test_public.py").write_text("import pytest\ndef test_gpu():\n    pytest.skip('needs a GPU')\n")
    run = check(good)
    assert outcomes(run) == {"gpu": Outcome.PENDING}
    assert run.good


def test_a_fixture_that_fails_is_told(check, handout, good):
    text = "import pytest\n@pytest.fixture\ndef x():\n    assert False, 'no x'\ndef test_a(x):\n    pass\n"
    (handout / "test_public.py").write_text(text)
    assert by_name(check(good), "a").message == "no x"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(None, "has no test_public.py", id="missing"),
        pytest.param("x = 1\n", "holds no check", id="empty"),
        pytest.param("import nowhere_to_be_found\n", "cannot be collected", id="broken import"),
        pytest.param("def test_a(:\n", "cannot be collected", id="not Python"),
    ],
)
def test_public_checks_that_cannot_be_run_are_the_courses_fault(check, handout, good, text, problem):
    (handout / "test_public.py").unlink()
    if text is not None:
        (handout / "test_public.py").write_text(text)
    with pytest.raises(CourseError, match=problem):
        check(good)


def test_a_run_leaves_the_process_as_it_was(check, good):
    environment, modules = dict(os.environ), set(sys.modules)
    check(good)
    assert dict(os.environ) == environment
    assert not {"tiny", "test_public"} & (set(sys.modules) - modules)


def test_a_second_run_sees_what_has_changed(check, good):
    assert not check(good.replace("x * 2", "x + 2")).good
    assert check(good).good


def test_settings_above_the_folder_do_not_matter(check, handout, good):
    (handout.parent / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    (handout.parent / "conftest.py").write_text("raise RuntimeError\n")
    assert check(good).good
