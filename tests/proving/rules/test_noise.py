"""The rule `noise` can fail: a check so coarse that chance meets a wrong idea."""

from grader.proving.trials import Effort
from tests.proving.spoilt import a_sound_course, add_check, add_to, change, found

COARSE = '''
@check("double", points=20)
def test_large(same):
    """The double of much is much."""
    same(probes.is_large, T([100.0, 100.0]))
'''
IS_LARGE = '''

def is_large(student, x):
    """Whether the double is above 100 everywhere."""
    return bool((student.double(x) > 100).all())
'''
TOGETHER = '''
@check("double", points=20)
def test_scaled_double(same):
    """Three times the double."""
    same(probes.scaled_double, T([1.0, 7.0]))
'''
SCALED_DOUBLE = '''

def scaled_double(student, x):
    """Three times the double."""
    return student.Scaler(3)(student.double(x))
'''
FIVE_MORE = """

@misconception(replaces="double", hint="Twice, not five more.", fails=["values"])
def a_third_of_five_more(x):
    return (x + 5) / 3
"""


def test_noise_that_a_coarse_check_takes_for_an_idea_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "probes.py", IS_LARGE)
    add_check(solution, COARSE)
    change(solution / "misconceptions.py", 'fails=["of_integers"]', 'fails=["of_integers", "large"]')
    change(solution / "misconceptions.py", "return 2.0 * x", "return 2.0 * x.abs().sqrt()")
    findings = found(solution, "noise")
    assert (
        findings["some NaN: large tells always_floats"] == "large takes a right answer with some NaN for always_floats"
    )


def test_two_ideas_at_once_that_a_check_takes_for_a_third_are_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "probes.py", SCALED_DOUBLE)
    add_to(solution, "misconceptions.py", FIVE_MORE)
    add_check(solution, TOGETHER)
    change(tmp_path / "assignments/01_tiny/assignment.toml", 'names = ["double"]', 'names = ["double", "Scaler"]')
    findings = found(solution, "noise", effort=Effort(pairs=50, noisy=0))
    problem = findings["adds_two + adds_the_factor: scaled_double tells a_third_of_five_more"]
    assert problem == "scaled_double takes adds_two + adds_the_factor at once for a_third_of_five_more"


def test_right_answers_with_noise_get_no_diagnosis_in_a_sound_course(tmp_path):
    assert found(a_sound_course(tmp_path), "noise") == {}
