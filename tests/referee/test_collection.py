"""What cannot work fails when it is collected, with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import CheckDefect
from grader.referee.submission import suite_and_checks
from tests.referee.tiny import a_course, copy_of_tiny, in_session, judged

CHECK = '''
@check("double", points=100)
def test_values({fixtures}):
    """Values."""
    {body}
'''


def collected(solution: Path):
    """Return the checks as the judge will see them, in their order."""

    def work(session):
        _, checks = suite_and_checks(session.items)
        return [checks[item.nodeid] for item in session.items]

    return in_session(solution, work)


def two(first: str = "", second: str = "", *, names: tuple[str, str] = ("a", "b")) -> str:
    """Return the source of two checks of 50 points, with these words in their marks."""
    return "".join(
        f'@check("double", points=50{words})\ndef test_{name}():\n    """A check."""\n\n'
        for name, words in zip(names, (first, second), strict=True)
    )


# ---- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        pytest.param(
            CHECK.format(fixtures="same", body="same(lambda s: s.double(2))"),
            "a lambda cannot be sent to a candidate\n  in   test_hidden_own.py, line 10\n  try  make it a function of",
            id="a lambda as a probe",
        ),
        pytest.param(
            CHECK.format(fixtures="calibrated", body="calibrated(lambda s: s.double(2))"),
            "a lambda cannot be sent to a candidate", id="a lambda to calibrate",
        ),
        pytest.param(
            CHECK.format(fixtures="candidate", body='candidate.run(probes.doubled, x=lambda: 0)'),
            "a lambda cannot be sent", id="a lambda as an input",
        ),
        pytest.param(
            "@pytest.mark.ddp(2)" + CHECK.format(fixtures="same", body="pass"),
            "ddp has nprocs, by name\n  in   test_hidden_own.py::test_values\n  try  @pytest.mark.ddp(nprocs=2)",
            id="a number of ranks without its name",
        ),
        pytest.param(
            "@pytest.mark.ddp(nprocs=9)" + CHECK.format(fixtures="same", body="pass"),
            "ddp with 9 ranks\n  in   test_hidden_own.py::test_values\n  try  nprocs from 1 to 8",
            id="too many ranks",
        ),
        pytest.param(
            "@pytest.mark.ddp(nprocs=0)" + CHECK.format(fixtures="same", body="pass"), "ddp with 0 ranks", id="no ranks"
        ),
        pytest.param(
            "@pytest.mark.ddp(nprocs='two')" + CHECK.format(fixtures="same", body="pass"),
            "ddp with 'two', which is no number of ranks", id="a number that is none",
        ),
        pytest.param(
            CHECK.format(fixtures="same", body="same.launch(lambda s: 1)"),
            "a lambda cannot be sent to a candidate", id="a lambda for ranks",
        ),
        pytest.param(
            "def doubled(student): return student.double(2)\n" + CHECK.format(fixtures="same", body="same(doubled)"),
            "'doubled' is not a function of probes.py\n  in   test_hidden_own.py, line 11\n  try  move it to probes.py",
            id="a probe outside probes.py",
        ),
        pytest.param(
            "def f(): ...\n" + CHECK.format(fixtures="reference", body='reference.call("double", x=f)'),
            "'f' is not a function of probes.py", id="a callable as an input",
        ),
        pytest.param(
            two(', after="nothing"'), "it comes after 'nothing', which is no check", id="after no check"
        ),
        pytest.param(two(", after=print"), "it comes after 'print', which is no check", id="after no check's function"),
        pytest.param(
            two(', after="b"', ', after="a"'), "checks come after each other in a circle: a, b", id="a circle"
        ),
        pytest.param(two(', after="a"'), "in a circle: a", id="after itself"),
        pytest.param(
            '@check("nope", points=1)\ndef test_a():\n    """A."""',
            "there is no part 'nope'\n  in   test_hidden_own.py::test_a\n  try  one of: double", id="unknown part",
        ),
        pytest.param('@check("double", points=100)\ndef test_a(): ...', "without a docstring", id="no docstring"),
        pytest.param('def test_a():\n    """A."""', "a hidden test without @check", id="no @check"),
        pytest.param(two(names=("a", "a")), "two checks are called 'a'", id="a name twice in a file"),
        pytest.param(
            '@check("double", points=99)\ndef test_a():\n    """A."""',
            "the checks of part 'double' give 99 points together, and the part 100\n  in   assignment.toml",
            id="points",
        ),
        pytest.param(
            '@pytest.mark.limits(memory="1 zebibyte")\n' + CHECK.format(fixtures="", body=""),
            "'1 zebibyte' is not an amount of memory\n  in   test_hidden_own.py::test_values\n  try  write it like",
            id="memory",
        ),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(tmp_path, source, sentence):
    with pytest.raises(CheckDefect) as refused:
        collected(a_course(tmp_path, source))
    assert sentence in str(refused.value)


def test_a_name_is_unique_in_the_assignment(tmp_path):
    solution = a_course(tmp_path, two())
    (solution / "test_hidden_other.py").write_text((solution / "test_hidden_own.py").read_text())
    with pytest.raises(CheckDefect, match="two checks are called 'a'"):
        collected(solution)


def test_a_part_without_checks_is_refused(tmp_path):
    with pytest.raises(CheckDefect, match="part 'double' give 100 points together, and the part 80"):
        collected(a_course(tmp_path, CHECK.format(fixtures="", body=""), double=80, scale=20))


def test_a_callable_that_only_the_run_can_see_is_told_when_it_runs(tmp_path):
    source = "FUNCTIONS = [print]\n" + CHECK.format(fixtures="same", body='same("double", FUNCTIONS)')
    result = judged(a_course(tmp_path, source))["values"]
    assert result.outcome == "invalid"
    assert "an input of double is not data: a builtin_function_or_method is not data" in result.detail


# ---- what is read ----------------------------------------------------------------------------------------------


def test_a_check_is_read_from_its_function_and_its_marks(tmp_path):
    source = '''
@pytest.mark.limits(seconds=3, memory="1.5 GB")
@pytest.mark.shown
@pytest.mark.usefixtures("rng")
@check("double", points=60)
def test_first():
    """The first line.

    And more.
    """

@check("double", points=40)
def test_second():
    """Second."""
'''
    first, second = collected(a_course(tmp_path, source))
    assert (first.name, first.family, first.part.id, first.title) == ("first", "first", "double", "The first line.")
    assert (first.points, first.seconds, first.memory, first.shown) == (60, 3.0, 3 << 29, True)
    assert {"usefixtures", "check"} <= first.marks
    assert (second.seconds, second.memory, second.shown) == (10.0, None, False)


def test_cases_share_the_points(tmp_path):
    source = '@pytest.mark.parametrize("n", [1, 2, 3, 4])\n@check("double", points=100)\ndef test_a(n):\n    """A."""'
    assert [(c.name, c.points) for c in collected(a_course(tmp_path, source))] == [
        (f"a[{n}]", 25.0) for n in (1, 2, 3, 4)
    ]


def test_a_check_stands_behind_those_that_it_comes_after(tmp_path):
    checks = collected(a_course(tmp_path, two(', after="b"', names=("a", "b"))))
    assert [check.name for check in checks] == ["b", "a"]


def test_a_check_of_another_file_can_be_named_or_imported(tmp_path):
    solution = a_course(tmp_path, two())
    own = solution / "test_hidden_own.py"
    own.write_text(own.read_text().replace("points=50", "points=25"))
    other = "from test_hidden_own import test_a\nfrom grader.checks import check\n\n"
    other += two(", after=test_a", ', after="b"', names=("c", "d"))
    (solution / "test_hidden_first.py").write_text(other.replace("points=50", "points=25"))
    assert {c.name: c.after for c in collected(solution)} == {"a": (), "b": (), "c": ("a",), "d": ("b",)}


def test_checks_can_be_methods(tmp_path):
    source = 'class TestDouble:\n    @check("double", points=100)\n    def test_a(self, same):\n        """A."""\n'
    assert [check.name for check in collected(a_course(tmp_path, source))] == ["a"]


def test_the_tiny_course_is_in_order(tmp_path):
    assert sum(check.points for check in collected(copy_of_tiny(tmp_path))) == 100
