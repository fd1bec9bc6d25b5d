import pytest
from msgspec.structs import replace

from grader.checks import CheckFailed, at_most
from grader.model import Diagnosis, Outcome, Report, Status
from grader.referee.faults import from_reply
from grader.teaching.feedback import CheckFeedback, by_part, for_student, next_steps
from grader.wire.protocol import Halted, Place
from tests.plugins.gradesheets import ASKED, CHECKS, SECRET, classroom, report, sheet

ALL_PASSED = dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)


def feedback(made: Report, language: str = "en") -> dict[str, CheckFeedback]:
    parts = by_part(made, sheet(made).assignment, language)
    return {check.result.name: check for part in parts for check in part.checks}


def with_message(made: Report, name: str, message: str, **fields: object) -> Report:
    checks = (replace(c, message=message, **fields) if c.name == name else c for c in made.checks)
    return replace(made, checks=tuple(checks))


def test_a_check_that_passed_needs_no_words():
    check = feedback(report("ada", ALL_PASSED))["mean_values"]
    assert (check.label, check.says, check.hint, check.advice) == ("passed", "", "", "")


def test_every_outcome_but_passed_says_what_happened_and_what_to_try_in_both_languages():
    for language in ("en", "zh"):
        for outcome in set(Outcome) - {Outcome.PASSED}:
            made = with_message(report("ada", ALL_PASSED | {"kw_spsa": outcome}), "kw_spsa", "")
            check = feedback(made, language)["kw_spsa"]
            assert all((check.label, check.says, check.advice)), outcome


def test_a_message_says_more_than_the_outcome():
    made = with_message(report("ada", ALL_PASSED | {"kw_spsa": Outcome.TIMEOUT}), "kw_spsa", "no answer within 3 s")
    assert feedback(made)["kw_spsa"].says == "no answer within 3 s"


def test_a_budget_that_was_not_kept_is_no_case_to_be_worked_by_hand():
    with pytest.raises(CheckFailed) as failed:
        at_most(3, 1)
    made = report("ada", ALL_PASSED | {"kw_spsa": Outcome.FAILED})
    made = with_message(made, "kw_spsa", str(failed.value), diagnosis=None)
    assert feedback(made)["kw_spsa"].advice.startswith("List what one call computes")


def test_ranks_that_waited_for_each_other_have_no_loop_to_look_for():
    halted = Halted("stuck", Place(1, "answered"), (Place(0, "waits", "all_reduce", "ddp_lab.py, line 3"),))
    fault = from_reply(halted, "a launch")
    made = with_message(report("ada", ALL_PASSED | {"kw_spsa": fault.outcome}), "kw_spsa", fault.message)
    assert feedback(made)["kw_spsa"].advice.startswith("Print on each rank")


@pytest.mark.parametrize(("language", "where"), [("en", "README.md, Part 3"), ("zh", "README.zh.md，部分 3")])
def test_what_was_lost_says_what_was_asked_and_where_the_handout_explains_it(language, where):
    made = report("ada", ALL_PASSED | {"conditions": Outcome.FAILED})
    check = feedback(made, language)["conditions"]
    assert (check.section, check.asked) == (where, ASKED)
    sections = {part.part.id: part.section for part in by_part(made, sheet(made).assignment, language)}
    assert {part for part, section in sections.items() if section} == {"steps"}


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.INVALID])
def test_what_is_not_lost_sends_nobody_to_the_handout(outcome):
    assert feedback(report("ada", ALL_PASSED | {"conditions": outcome}))["conditions"].section == ""


def test_a_handout_in_another_language_is_better_than_none():
    made = report("ada", ALL_PASSED | {"conditions": Outcome.FAILED})
    assignment = sheet(made).assignment
    english = replace(assignment, sections=tuple(s for s in assignment.sections if s.language == "en"))
    sections = [part.section for part in by_part(made, english, "zh")]
    assert "README.md，Part 3" in sections


def test_a_part_that_the_handout_does_not_name_has_no_section():
    made = report("ada", ALL_PASSED | {"mom_mean": Outcome.FAILED})
    assert feedback(made)["mom_mean"].section == ""


def test_a_hint_takes_the_place_of_advice():
    check = feedback(report("ada", ALL_PASSED | {"conditions": Outcome.FAILED}))["conditions"]
    assert (check.hint, check.advice) == ("What is the sum of squares at p = 1/2?", "")


def test_a_hint_is_given_once_and_pointed_back_to():
    made = report("ada", ALL_PASSED | {"weights": Outcome.FAILED, "bias": Outcome.FAILED})
    same = Diagnosis("prefix", "Which later steps shrink sample k's influence?")
    found = feedback(with_message(made, "bias", "", diagnosis=same))
    assert found["weights"].hint == same.hint
    assert found["bias"].hint == ""
    assert found["bias"].advice == "Same cause as “The weights say how much each sample counts” above."


def test_advice_is_given_once_a_part():
    found = feedback(report("ada", ALL_PASSED | {"kw_order": Outcome.ERROR, "kw_spsa": Outcome.ERROR}))
    assert found["kw_order"].advice
    assert not found["kw_spsa"].advice


def test_a_blocked_check_names_only_what_did_not_pass():
    drawn = ALL_PASSED | {"kw_path": Outcome.FAILED, "kw_order": Outcome.BLOCKED}
    found = feedback(with_message(report("ada", drawn), "kw_order", "", after=("kw_path", "mean_values")))
    assert (
        found["kw_order"].says == "Comes after “On a quadratic the path equals gradient descent”, which did not pass."
    )


def test_a_missing_function_is_named_where_the_part_has_one():
    found = feedback(report("ada", ALL_PASSED | {"kw_path": Outcome.NOT_ATTEMPTED, "weights": Outcome.NOT_ATTEMPTED}))
    assert found["kw_path"].says == "Still to write: kiefer_wolfowitz."
    assert found["weights"].says == "This is not written yet."


def test_what_to_do_first_is_what_has_a_hint():
    drawn = ALL_PASSED | {"mean_values": Outcome.FAILED, "mean_merge": Outcome.ERROR, "opt_average": Outcome.FAILED}
    made = report("ada", drawn | {"kw_order": Outcome.BLOCKED, "opt_gpu": Outcome.PENDING})
    steps = next_steps(by_part(made, sheet(made).assignment, "en"))
    assert [step.result.name for step in steps] == ["opt_average", "mean_values"]


def test_nobody_is_given_more_than_three_things_to_do():
    made = report("ada", dict.fromkeys(ALL_PASSED, Outcome.FAILED))
    assert len(next_steps(by_part(made, sheet(made).assignment, "en"))) == 3


def test_one_hint_is_one_step():
    made = report("ada", ALL_PASSED | {"conditions": Outcome.FAILED, "kw_path": Outcome.FAILED})
    made = with_message(made, "kw_path", "", diagnosis=Diagnosis("p_half", "What is the sum of squares at p = 1/2?"))
    assert len(next_steps(by_part(made, sheet(made).assignment, "en"))) == 1


def test_a_student_gets_nothing_that_is_for_the_instructor():
    for made in classroom().submissions:
        shown = for_student(replace(made, path=f"/inbox/secret place/{made.student}/ada.py"))
        assert SECRET not in repr(shown)
        assert shown.path == "ada.py"
        assert not any(check.diagnosis and check.diagnosis.misconception for check in shown.checks)
        assert shown.reason == made.reason or made.status is Status.UNFINISHED
