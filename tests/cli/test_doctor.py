from pathlib import Path

FINDS = """
from grader.hookspecs import hookimpl
from grader.work import Finding

@hookimpl
def grader_doctor():
    {body}
"""


def examine(grader, body: str, code: int):
    Path("finds.py").write_text(FINDS.format(body=body))
    return grader("doctor", "-p", "finds.py", code=code)


def test_where_all_is_well_it_exits_with_0(grader):
    assert "✓ the fake executor: it runs nothing" in grader("doctor").output


def test_what_is_missing_comes_with_what_to_do(grader):
    body = "yield Finding('bubblewrap', 'missing', 'is not installed', 'apt install bubblewrap')"
    output = examine(grader, body, code=1).output
    assert "– bubblewrap: is not installed\n  try  apt install bubblewrap\n" in output


def test_what_is_broken_fails(grader):
    assert "✗ /proc: is masked" in examine(grader, "return [Finding('/proc', 'broken', 'is masked')]", code=1).output


def test_an_examination_that_breaks_is_itself_a_finding(grader):
    output = examine(grader, "yield Finding('a', 'ok', 'b'); 1 / 0", code=1).output
    assert "✓ a: b" in output
    assert "✗ finds: its examination broke: ZeroDivisionError" in output
    assert "the fake executor" in output


def test_it_works_outside_a_course(grader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grader("doctor")
