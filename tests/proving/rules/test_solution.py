"""The rule `solution` can fail."""

from grader.proving.trials import Effort
from tests.proving.spoilt import a_sound_course, add_to, change_checks, found

SOMETIMES = "if torch.rand((), generator=rng) < 0.5: raise RuntimeError('unlucky')\n    same(\"double\", torch.randint("


def test_a_check_whose_verdict_depends_on_the_draw_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, 'same("double", torch.randint(', SOMETIMES)
    (problem,) = found(solution, "solution", effort=Effort(seeds=12)).values()
    assert "the reference loses of_integers (seed " in problem
    assert "unlucky" in problem


def test_an_alternative_that_loses_points_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "alternatives/other.py", "def double(x): return x * 2\n")
    (problem,) = found(solution, "solution").values()
    assert "the alternative other loses scale_values, refuses" in problem
