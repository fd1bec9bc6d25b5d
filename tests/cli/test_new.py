import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main


@pytest.fixture
def new(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        result = CliRunner().invoke(main, [*words], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_outside_of_a_course_the_folder_becomes_one_and_it_is_said(tmp_path, new):
    said = new("new", "Linear models").stdout
    assert f"{tmp_path} is a course now: course.toml" in said
    assert (tmp_path / "solutions" / "01_linear_models" / "linear_models.py").is_file()


def test_in_a_course_it_gets_the_next_number_wherever_one_stands(tmp_path, new, monkeypatch):
    new("new", "Linear models")
    monkeypatch.chdir(tmp_path / "assignments" / "01_linear_models")
    said = new("new", "Attention").stdout
    assert "is a course now" not in said
    assert (tmp_path / "assignments" / "02_attention").is_dir()


def test_a_course_may_be_named(tmp_path, new):
    (tmp_path / "deep").mkdir()
    new("--course", "deep", "new", "Attention")
    assert (tmp_path / "deep" / "course.toml").is_file()
    assert (tmp_path / "deep" / "assignments" / "01_attention").is_dir()


def test_every_name_can_be_chosen(tmp_path, new):
    new("new", "注意力", "--slug", "attention", "--number", "7", "--module", "attend", "--title-zh", "注意")
    said = (tmp_path / "assignments" / "07_attention" / "assignment.toml").read_text(encoding="utf-8")
    assert 'title = "注意力"' in said
    assert 'title_zh = "注意"' in said
    assert 'module = "attend"' in said


def test_what_to_do_next_are_three_commands_that_name_it(new):
    said = new("new", "Linear models").stdout
    _, _, steps = said.partition("next\n")
    assert [line.split("   ")[0].strip() for line in steps.splitlines()] == [
        "pytest solutions/01_linear_models",
        "grader validate 1",
        "grader release 1",
    ]


def test_a_name_that_cannot_be_is_refused_and_no_course_is_made(tmp_path, new):
    assert "try  name it" in new("new", "随机逼近", code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_the_same_title_twice_is_refused(new):
    new("new", "Attention")
    assert "there is an assignment called 'attention'" in new("new", "Attention", code=2).stderr


def test_what_is_written_is_proven_and_every_mutant_of_it_noticed(tmp_path, new):
    new("new", "Linear models")
    grader = Path(sys.executable).with_name("grader")
    words = ["validate", "1", "--mutate", "--no-sandbox", "--seeds", "3", "--json", "proof.json"]
    done = subprocess.run([grader, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (proof,) = json.loads((tmp_path / "proof.json").read_text())
    assert [ruling["remarks"] for ruling in proof["rulings"] if ruling["remarks"]] == []
    assert "(100.0 %)" in next(ruling["proven"] for ruling in proof["rulings"] if ruling["rule"] == "mutants")
