import re
from pathlib import Path

import msgspec
import pytest
from pluggy import PluginManager

from grader.errors import ReportError
from grader.manager import build_manager
from grader.model import (
    Adjustment,
    AssignmentSummary,
    CheckResult,
    Diagnosis,
    Gradesheet,
    Growth,
    Outcome,
    Part,
    Report,
    Section,
)
from grader.teaching.release import Release, release
from tests.plugins.gradesheets import CHECKS, classroom, report, sheet

DOCUMENTED = (Path(__file__).parents[2] / "docs/report.md").read_text(encoding="utf-8")
TABLES = {
    "The report": Release,
    "`assignment`": AssignmentSummary,
    "`assignment.parts[]`": Part,
    "`assignment.sections[]`": Section,
    "`submissions[]`": Report,
    "`submissions[].checks[]`": CheckResult,
    "`submissions[].checks[].diagnosis`": Diagnosis,
    "`submissions[].checks[].growths[]`": Growth,
    "`submissions[].adjustments[]`": Adjustment,
}


@pytest.fixture
def plugins() -> PluginManager:
    return build_manager(defaults=["grader_json"], installed=False)


def write(plugins: PluginManager, file: Path, gradesheet: Gradesheet) -> Path:
    written = plugins.hook.grader_write_report(kind="json", destination=file, gradesheet=gradesheet)
    assert written == [file]
    return file


def test_what_is_written_is_read_back_as_the_same_gradesheet(plugins, tmp_path):
    file = write(plugins, tmp_path / "new" / "report.json", classroom())
    assert msgspec.json.decode(file.read_bytes(), type=Gradesheet) == classroom()


def test_the_level_at_which_students_read_it_is_written(plugins, tmp_path):
    file = write(plugins, tmp_path / "report.json", release(classroom(), "titles"))
    assert msgspec.json.decode(file.read_bytes(), type=Release).feedback == "titles"


def test_another_kind_is_left_to_others(plugins, tmp_path):
    assert plugins.hook.grader_write_report(kind="yaml", destination=tmp_path, gradesheet=classroom()) is None
    assert plugins.hook.grader_report_kinds() == [{"json": plugins.hook.grader_report_kinds()[0]["json"]}]


def test_a_file_name_that_is_not_utf8_is_written_as_an_escape(plugins, tmp_path):
    odd = report("ren\udce9", dict.fromkeys((row[1] for row in CHECKS), Outcome.PASSED))
    file = write(plugins, tmp_path / "report.json", sheet(odd))
    assert msgspec.json.decode(file.read_bytes(), type=Gradesheet).submissions[0].student == "ren\\udce9"


def test_a_folder_in_its_place_is_refused_with_a_step(plugins, tmp_path):
    with pytest.raises(ReportError, match="a folder is there") as refused:
        write(plugins, tmp_path, classroom())
    assert refused.value.step


@pytest.mark.parametrize("heading", TABLES)
def test_the_documentation_lists_every_field_in_order(heading):
    section = DOCUMENTED.split(f"\n### {heading}\n")[1].split("\n#")[0].split("\n| outcome ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == TABLES[heading].__struct_fields__


def test_the_documentation_lists_every_outcome():
    section = DOCUMENTED.split("\n| outcome ")[1].split("\n#")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [outcome.value for outcome in Outcome]


def test_the_documentation_names_the_version():
    assert f"## JSON: `{classroom().format}`" in DOCUMENTED
