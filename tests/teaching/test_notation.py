import pytest

from grader.teaching.notation import duration, encodable, legible, points, signed


@pytest.mark.parametrize(
    ("value", "written"),
    [(7.0, "7"), (7.5, "7.5"), (1 / 3, "0.33"), (-0.001, "0"), (-10, "-10"), (12345.67, "12345.67")],
)
def test_points_are_written_as_a_person_would(value, written):
    assert points(value) == written


def test_an_adjustment_has_its_sign():
    assert (signed(5), signed(-2.5), signed(0)) == ("+5", "−2.5", "0")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.04, "0.0 s"), (1.24, "1.2 s"), (61, "1 min 01 s"), (3599.7, "1 h 00 min"), (7260, "2 h 01 min")],
)
def test_a_time_has_the_precision_that_it_deserves(seconds, written):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("李雷 مح\tx\ny", "李雷 مح\tx\ny"),
        ("a\x1b[2J", "a\\x1b[2J"),
        ("1%\r2%\r\n", "1%\n2%\n"),
        ("\u202eevil", "\\x202eevil"),
        ("\udce9", "\\xdce9"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text, shown):
    assert legible(text) == shown


def test_an_old_terminal_gets_question_marks():
    assert encodable("é李", "latin-1") == "é?"
