"""What proof.toml may leave open, and that it may not leave open what is not there."""

import pytest

from grader.errors import CourseError

from .spoilt import a_sound_course, add_to, change_checks, found, proof_of

ACCEPTED = '[[accepted]]\nrule = "{}"\nabout = "{}"\nreason = "{}"\n'


def unmarked(folder):
    """Return a course with one finding."""
    solution = a_sound_course(folder)
    change_checks(solution, '@pytest.mark.careless("dtype")\n@check("double"', '@check("double"')
    return solution


def test_a_finding_with_a_reason_is_set_apart_and_told(tmp_path):
    solution = unmarked(tmp_path)
    add_to(solution, "proof.toml", ACCEPTED.format("careless", "wrong_dtype: double", "one function, one check"))
    proof = proof_of(solution, "careless")
    assert proof.findings == ()
    (accepted,) = proof.rulings[0].accepted
    assert (accepted.finding.about, accepted.reason) == ("wrong_dtype: double", "one function, one check")
    assert proof.rulings[1].proven == "1 finding accepted in proof.toml"


def test_a_finding_without_a_reason_stands_and_the_entry_is_one_too(tmp_path):
    solution = unmarked(tmp_path)
    add_to(solution, "proof.toml", ACCEPTED.format("careless", "wrong_dtype: double", " "))
    findings = found(solution, "careless")
    assert findings["careless: wrong_dtype: double"] == "the entry has no reason"
    assert "wrong_dtype: double" in findings


@pytest.mark.parametrize(
    ("rule", "said"),
    [("careless", "accepts what was not found"), ("careles", "names a rule that is not there")],
)
def test_an_entry_that_matches_nothing_is_a_finding(tmp_path, rule, said):
    solution = a_sound_course(tmp_path)
    add_to(solution, "proof.toml", ACCEPTED.format(rule, "wrong_dtype: triple", "because"))
    assert found(solution, "careless") == {f"{rule}: wrong_dtype: triple": f"the entry {said}"}


def test_an_entry_for_a_rule_that_was_not_asked_is_no_finding(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "proof.toml", ACCEPTED.format("liars", "answers zeros: values", "because"))
    assert found(solution, "careless") == {}


@pytest.mark.parametrize(
    "text",
    [
        "[[acepted]]\n",
        ACCEPTED.format("liars", "x", "y") + 'why = "z"\n',
        '[[accepted]]\nrule = "liars"\nabout = "x"\n',
    ],
    ids=["another table", "another key", "no reason"],
)
def test_what_the_file_does_not_know_is_refused(tmp_path, text):
    solution = a_sound_course(tmp_path)
    add_to(solution, "proof.toml", text)
    with pytest.raises(CourseError, match=r"proof\.toml"):
        proof_of(solution, "parts")
