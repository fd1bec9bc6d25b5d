"""The rule `caught` can fail: a check that nothing fails, or that liars alone do."""

from tests.proving.spoilt import a_sound_course, add_check, found

NUMBERS = '''
@check("double", points=20)
def test_numbers(candidate):
    """The answer is numbers."""
    require(bool(candidate.call("double", torch.ones(3)).isfinite().all()), "there is NaN")
'''


def test_a_check_that_only_liars_fail_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    add_check(solution, NUMBERS)
    assert found(solution, "caught") == {
        "numbers": "numbers is failed by liars alone (answers None), so nothing shows what it catches"
    }


def test_a_check_whose_misconception_is_gone_is_found(tmp_path):
    solution = a_sound_course(tmp_path)
    text = (solution / "misconceptions.py").read_text()
    (solution / "misconceptions.py").write_text(text[: text.index('@misconception(replaces="Scaler.__init__"')])
    assert "refuses" in found(solution, "caught")
