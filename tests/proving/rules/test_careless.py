"""The rule `careless` can fail: marks and losses must agree."""

from tests.proving.spoilt import a_sound_course, add_check, change_checks, found, remarks

LEFT_ALONE = '''
@pytest.mark.careless("inputs")
@check("double", points=20)
def test_left_alone(candidate):
    """The input is left alone."""
    x = torch.ones(3)
    answer, after = candidate.run(probes.with_input, x)
    require(torch.equal(answer, 2 * x), "it is not doubled")
    require(torch.equal(after, x), "the input has changed")
'''
DTYPE = '''
@pytest.mark.careless("dtype")
@check("double", points=20)
def test_dtype(same):
    """The dtype is kept."""
    same("double", torch.ones(2, dtype=torch.float64))
'''
WITH_INPUT = "\n\ndef with_input(student, x):\n    return student.double(x), x\n"
MARK = '@pytest.mark.careless("dtype")\n@check("double"'


def test_a_habit_that_loses_a_check_without_the_mark_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, MARK, '@check("double"')
    assert found(solution, "careless") == {"wrong_dtype: double": "double: wrong_dtype loses values, which has no mark"}


def test_a_mark_that_no_habit_loses_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, MARK, '@pytest.mark.careless("dtype", "inputs")\n@check("double"')
    assert found(solution, "careless") == {
        "inputs: values": 'values is marked careless("inputs"), and mutates_inputs nor in_place does not lose it'
    }


def test_a_marked_check_that_is_blocked_is_not_told_beside_what_blocks_it(tmp_path):
    solution = a_sound_course(tmp_path)
    (solution / "probes.py").write_text((solution / "probes.py").read_text() + WITH_INPUT)
    add_check(solution, LEFT_ALONE.replace('@pytest.mark.careless("inputs")\n', ""))
    behind = '@pytest.mark.careless("inputs")\n@check("double", points=20, after="left_alone")'
    change_checks(solution, '@check("double", points=20, after=test_values)', behind)
    assert found(solution, "careless").keys() == {"mutates_inputs: double", "in_place: double"}


def test_the_checks_beside_a_marked_one_leave_the_dtype_to_it(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, MARK, '@check("double"')
    add_check(solution, DTYPE)
    assert found(solution, "careless") == {}


def test_a_check_that_looks_at_inputs_is_lost_by_those_that_change_them(tmp_path):
    solution = a_sound_course(tmp_path)
    (solution / "probes.py").write_text((solution / "probes.py").read_text() + WITH_INPUT)
    add_check(solution, LEFT_ALONE)
    assert found(solution, "careless") == {}
    change_checks(solution, '@pytest.mark.careless("inputs")\n', "")
    assert found(solution, "careless").keys() == {"mutates_inputs: double", "in_place: double"}


def test_a_part_where_nothing_looks_at_inputs_is_a_remark(tmp_path):
    said = remarks(a_sound_course(tmp_path), "careless")
    assert said[0] == "double: nothing is lost by carelessness about inputs, and no check names it"
