from pathlib import Path

import pytest

from grader.model import Assignment
from grader.teaching.scaffold.naming import named
from grader.teaching.scaffold.writing import write_assignment, write_course

TITLE = 'The "core" of \\attention: a {{ title }}'


@pytest.fixture
def written(tmp_path: Path) -> Assignment:
    write_course(tmp_path)
    return write_assignment(tmp_path, named(TITLE, (), title_zh="“核心”", slug="core", module="core_lab"))
