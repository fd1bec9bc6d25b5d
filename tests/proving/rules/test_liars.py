"""The rule `liars` can fail: what a lie earns is told with the check and the lie."""

import pytest

from tests.proving.spoilt import a_sound_course, add_check, add_to, change_checks, found

SHAPE = '''
@check("double", points=20)
def test_shape(candidate):
    """The answer has the shape of the input."""
    x = torch.ones(3, 2)
    require(candidate.call("double", x).shape == x.shape, "it has another shape")
'''
SPECIAL = """
right = double

def double(x):
    if x.shape == (1,) and x < 0:
        raise ValueError
    return None if x.shape == (1,) else right(x)
"""


def test_a_check_that_zeros_pass_is_found_with_the_lie(tmp_path):
    solution = a_sound_course(tmp_path)
    add_check(solution, SHAPE)
    findings = found(solution, "liars")
    assert findings["answers zeros: shape"] == "shape (double) gives points to what answers zeros in every part at once"
    assert {"answers NaN: shape", "answers ones: shape", "answers its input: shape"} <= findings.keys()
    assert "answers None: shape" not in findings


@pytest.mark.parametrize(
    ("check", "lie"),
    [
        ("require(candidate.call('double', T([1.0])) is None, '')", "answers None"),
        ("candidate.raises(ValueError, 'double', T([-1.0]))", "raises ValueError"),
    ],
)
def test_a_check_whose_right_answer_is_a_lie_is_found(tmp_path, check, lie):
    solution = a_sound_course(tmp_path)
    change_checks(solution, 'same("double", torch.randint(-9, 10, (5,), generator=rng))', check)
    change_checks(solution, "def test_of_integers(same, rng)", "def test_of_integers(candidate)")
    change_checks(solution, ", after=test_values", "")
    add_to(solution, "tiny.py", SPECIAL)
    assert f"{lie}: of_integers" in found(solution, "liars")


def test_a_lie_that_only_earns_beside_right_work_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    probe = "\n\ndef size(student, x):\n    return [len(student.Scaler(2.0)(x)), student.double(x)]\n"
    add_to(solution, "probes.py", probe)
    change_checks(solution, "after=test_scale_values", "after=test_values")
    change_checks(
        solution, "candidate.raises(ValueError, probes.scaler, factor=-2.0)", "candidate.run(probes.size, T([1.0]))"
    )
    findings = found(solution, "liars")
    assert findings["answers zeros: refuses"] == "refuses (scale) gives points to what answers zeros in this part alone"


STRICT = '''
@check("scale", points=10)
def test_strict(candidate):
    """A scaler knows its factor."""
    require(candidate.run(probes.factor, factor=2.0) {}, "it does not")
'''
FACTOR = "\n\ndef factor(student, factor):\n    return getattr(student.Scaler(factor), 'factor', None)\n"


def looking_at_a_constructor(tmp_path, demanded):
    solution = a_sound_course(tmp_path)
    add_to(solution, "probes.py", FACTOR)
    change_checks(solution, "points=30", "points=20")
    add_to(solution, "test_hidden_own.py", STRICT.format(demanded))
    return {about: said for about, said in found(solution, "liars").items() if about.endswith(": strict")}


def test_what_a_constructor_made_is_no_lie_of_the_methods(tmp_path):
    assert looking_at_a_constructor(tmp_path, "== 2.0") == {}


def test_a_check_that_pays_a_constructor_that_does_nothing_is_found(tmp_path):
    assert looking_at_a_constructor(tmp_path, "in (None, 2.0)") == {
        "constructs nothing: strict": "strict (scale) gives points to what constructs nothing in every part at once"
    }
