"""The rule `margins` shows how close right and wrong answers come to each tolerance."""

from tests.proving.spoilt import a_sound_course, change, change_checks, remarks

VALUES = 'same("double", torch.randn(4, 3, generator=rng, dtype=torch.float64)'


def test_a_tolerance_that_a_wrong_answer_nearly_meets_is_loose(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, VALUES, 'same("double", T([1.0, 3.0]), atol=0.4')
    assert remarks(solution, "margins") == ["values is loose: a wrong answer is off by 2.5 tolerances"]


def test_a_tolerance_that_a_right_answer_nearly_uses_up_is_tight(tmp_path):
    solution = a_sound_course(tmp_path)
    change(solution / "alternatives/operators.py", "x * 2", "x * 2 + 8e-10 if x.is_floating_point() else x * 2")
    change_checks(solution, VALUES, 'same("double", torch.ones(3, dtype=torch.float64), rtol=0, atol=1e-9')
    assert remarks(solution, "margins") == ["values is tight: a right answer uses 80% of its tolerance"]


def test_a_sound_course_has_neither(tmp_path):
    assert remarks(a_sound_course(tmp_path), "margins") == []
