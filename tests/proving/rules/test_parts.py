"""The rule `parts` can fail: a part that needs another cannot be earned alone."""

from tests.proving.spoilt import a_sound_course, add_to, change_checks, found, proof_of


def test_a_check_after_one_of_another_part_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, "after=test_scale_values", "after=test_values")
    (problem,) = found(solution, "parts").values()
    assert problem == "scale alone does not earn refuses (refuses: comes after values)"


def test_a_probe_that_uses_another_part_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_to(solution, "probes.py", "\n\ndef both(student, x):\n    return student.Scaler(3.0)(student.double(x))\n")
    change_checks(solution, "same(probes.scaled, factor=factor, x=", "same(probes.both, x=")
    (problem,) = found(solution, "parts").values()
    assert problem.startswith("scale alone does not earn scale_values, refuses")


def test_it_says_what_the_parts_add_up_to(tmp_path):
    (ruling,) = proof_of(a_sound_course(tmp_path), "parts").rulings
    assert ruling.proven == "2 of 2 parts can be earned alone; they add up to 100 points"
