"""The last look at students' pages: what is the instructor's stops the whole release, what is a student's does not."""

import pytest
from msgspec.structs import replace

import grader_html.pages
from grader.errors import ReportError
from grader.manager import build_manager
from grader.model import CheckResult, Diagnosis, Gradesheet, Outcome, Report
from grader.teaching.release import release
from grader_html.lint import given_away
from tests.plugins.gradesheets import CHECKS, classroom, report, sheet

SOURCE = "require(candidate.call('double', 21) == 42, 'no')"
PLACE = 'Traceback (most recent call last):\n  File "/srv/course/test_hidden.py", line 9, in test'
DETAIL = f"{PLACE}\n    {SOURCE}\nCheckFailed: no"
CHECK = CheckResult(
    *("canary", "mean", "A title.", 4, 0, Outcome.FAILED, "a message", Diagnosis("adds_twice", "A hint.")),
    detail=DETAIL,
    nearest="sign (1 of 2 calls alike)",
)


def made(**fields: object) -> Report:
    whole = replace(report("ada", dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED)), checks=(CHECK,))
    return replace(whole, **fields)


def write(gradesheet: Gradesheet, folder) -> None:
    plugins = build_manager(defaults=["grader_html"], installed=False)
    plugins.hook.grader_write_report(kind="html", destination=folder, gradesheet=gradesheet)


def test_a_whole_class_is_released():
    from grader_html import pages

    for language in ("en", "zh"):
        class_ = classroom(language)
        templates = pages.environment(language)
        for one in class_.submissions:
            assert given_away(pages.student_page(one, class_, templates), one) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param(f"<pre>{SOURCE.replace(chr(39), '&#39;')}</pre>", "a detail of 'canary'", id="a check's source"),
        pytest.param("<p>CheckFailed:\n no</p>", "a detail of 'canary'", id="what it raised"),
        pytest.param("<p>so adds_twice it is</p>", "the name of a misconception", id="a misconception"),
        pytest.param("<p>near: sign (1 of 2\ncalls alike)</p>", "what comes nearest in 'canary'", id="what is nearest"),
        pytest.param("<p>in /srv/course/secret.py</p>", "a path of this machine", id="a path"),
        pytest.param(f"<p>{'0123456789abcdef' * 2}</p>", "a seed or a key", id="a seed"),
    ],
)
def test_what_is_the_instructors_is_found(text, what):
    assert given_away(text, made()).startswith(what)


def test_a_misconception_that_is_an_ordinary_word_is_found_where_it_stands_alone():
    one = made(checks=(replace(CHECK, diagnosis=Diagnosis("sign", "A hint.")),))
    assert given_away("<code>sign</code>", one) == "the name of a misconception: sign"
    assert given_away("<p>it has the opposite sign</p>", one) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"output": 'File "/usr/lib/python3/site.py", line 3'},
        {"notes": ("read from /mnt/disk/ada.py",)},
        {"student": "../../etc/passwd/x"},
        {"student": "0123456789abcdef" * 2},
        {"path": "/inbox/course/ada.py"},
    ],
)
def test_what_is_the_students_own_stops_nothing(tmp_path, fields):
    write(sheet(made(**fields)), tmp_path / "site")
    assert list((tmp_path / "site" / "students").iterdir())


def test_a_leak_anywhere_stops_the_release_of_all_pages_and_names_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.teaching.feedback.for_student", lambda report, level: report)
    leaky = '{% extends "submission.html" %}{% block check %}{{ shown.result.detail }}{% endblock %}'
    made_before = grader_html.pages.environment

    def environment(language: str):
        templates = made_before(language)
        whole, student = templates.loader, {"student.html": leaky}
        templates.loader = grader_html.pages.jinja2.ChoiceLoader([grader_html.pages.jinja2.DictLoader(student), whole])
        return templates

    monkeypatch.setattr(grader_html.pages, "environment", environment)
    fine = replace(made(student="ben"), checks=())
    with pytest.raises(ReportError, match=r"students/ada\.html would give away a detail of 'canary'") as refused:
        write(sheet(fine, made()), tmp_path / "site")
    assert refused.value.step.startswith("nothing was written")
    assert not (tmp_path / "site").exists()


def test_pages_for_the_instructor_may_hold_everything(tmp_path):
    write(release(sheet(made()), "full"), tmp_path / "site")
    assert "CheckFailed" in (tmp_path / "site" / "students" / "ada.html").read_text()
