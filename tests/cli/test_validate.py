"""`grader validate`: what it prints, what it writes, and what it ends with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import manager
from grader.cli import main
from tests.proving.spoilt import a_sound_course, change_checks

DEFAULT_PLUGINS = manager.DEFAULT_PLUGINS  # the conftest leaves the slow ones out


@pytest.fixture
def validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command as one who stands in a sound course."""
    a_sound_course(tmp_path)
    monkeypatch.setattr(manager, "DEFAULT_PLUGINS", DEFAULT_PLUGINS)
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["validate", *words], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def spoil(course: Path) -> None:
    change_checks(course / "solutions/01_tiny", '@pytest.mark.careless("dtype")\n@check("double"', '@check("double"')


def test_what_is_proven_ends_with_0(validate):
    said = validate("1", "--only", "parts", "--only", "careless").stdout
    assert "✓ careless" in said
    assert "proven: " in said


def test_a_finding_ends_with_1_and_says_what_to_do(validate, tmp_path):
    spoil(tmp_path)
    said = validate("1", "--only", "careless", code=1).stdout
    assert "✗ careless  wrong_dtype: double" in said
    assert "try  mark one check careless" in said


def test_without_an_assignment_all_that_have_a_solution_are_proven(validate, tmp_path):
    (tmp_path / "assignments/02_other").mkdir()
    toml = (tmp_path / "assignments/01_tiny/assignment.toml").read_text()
    (tmp_path / "assignments/02_other/assignment.toml").write_text(toml)
    said = validate("--only", "parts").stdout
    assert "01_tiny" in said
    assert "02_other" not in said


def test_json_has_all_of_it(validate, tmp_path):
    spoil(tmp_path)
    validate("1", "--only", "careless", "--json", "proof.json", code=1)
    (proof,) = json.loads((tmp_path / "proof.json").read_text())
    assert (proof["assignment"], proof["format"]) == ("01_tiny", "grader-proof/1")
    (ruling,) = proof["rulings"]
    assert ruling["findings"][0]["about"] == "wrong_dtype: double"


def test_the_list_has_every_rule_and_proves_nothing(validate):
    said = validate("--list").stdout
    rules = "solution handed-in misconceptions noise liars careless caught parts margins mutants"
    assert [line.split()[0] for line in said.splitlines()] == rules.split()


def test_a_rule_that_is_not_there_ends_with_2_and_the_nearest(validate):
    assert "did you mean liars" in validate("1", "--only", "liers", code=2).stderr


def test_no_sandbox_leaves_out_what_is_handed_in_and_says_so(validate):
    said = validate("1", "--only", "handed-in", "--only", "parts", "--no-sandbox").stdout
    assert "– handed-in left out: --no-sandbox" in said
    assert "proven, but for handed-in" in said


def test_where_nothing_can_be_confined_it_ends_with_2_and_says_what_grader_run_does(validate, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    said = validate("1", "--only", "handed-in", code=2).stderr
    assert "sandbox-unavailable" in said


def test_checks_that_cannot_be_collected_end_with_2(validate, tmp_path):
    change_checks(tmp_path / "solutions/01_tiny", "points=20", "points=30")
    assert "give 70 points together" in validate("1", "--only", "parts", code=2).stderr


def test_mutants_are_judged_where_they_are_asked_for(validate):
    assert "mutants" not in validate("1", "--only", "parts").stdout
    said = CliRunner().invoke(main, ["validate", "1", "--only", "parts", "--mutate"], catch_exceptions=False).stdout
    assert "mutants" in said
