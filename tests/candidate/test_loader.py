"""The student's module, imported once."""

from __future__ import annotations

import pytest

from grader.referee.sandboxed import Sandboxed
from grader.wire.protocol import Call, Load, Missing
from grader.wire.values import pack
from tests.referee.warm import answer

pytest_plugins = ["tests.referee.warm"]

FILES = {
    "tiny.py": b"import dataclasses\nimport helper\nfrom pack.inner import seven\n"
    b"import torch\ntorch.set_num_threads(4)\ntorch.ones(900, 900) @ torch.ones(900, 900)\n"
    b"@dataclasses.dataclass\nclass Point:\n    x: 'int'\n"
    b"def values(): return [helper.SIX, seven(), Point(5).x, open(helper.DATA).read(), __name__]\n"
    b"def multiplied(x): return x @ x\n"
    b"def threads(): return torch.get_num_threads()\n",
    "helper.py": b"from pathlib import Path\nSIX = 6\nDATA = str(Path(__file__).parent / 'notes' / 'data.txt')\n",
    "pack/__init__.py": b"",
    "pack/inner.py": b"def seven(): return 7\n",
    "notes/data.txt": "四".encode(),
}
PROBES = (
    "import tiny\ndef both(student): return [student is tiny, student.values()[0]]\ndef helper(student): return 1\n"
)


@pytest.fixture
def student(submit) -> Sandboxed:
    made = submit("", probes=PROBES)
    made.request = Load(FILES, "tiny.py", "tiny", PROBES.encode())
    made.load()
    return made


def test_its_files_import_and_read_each_other(student):
    assert answer(student, "values") == [6, 7, 5, "四", "tiny"]


def test_a_probe_can_import_the_students_module_by_name(student):
    assert answer(student, "both", is_probe=True) == [True, 6]


def test_a_probe_is_not_a_function_of_the_student_nor_the_other_way_round(student):
    assert student.ask(Call("both", False, pack([[], {}])), 10.0) == Missing("both")
    assert student.ask(Call("values", True, pack([[], {}])), 10.0) == Missing("values")


def test_threads_that_the_module_asks_for_do_not_hang_its_forks(student):
    import torch

    assert answer(student, "multiplied", torch.ones(300, 300))[0, 0] == 300
    assert answer(student, "threads") == 1


def test_only_public_names_are_told_and_not_without_end(submit):
    many = submit("_private = 1\nfor n in range(3000): globals()[f'name{n}'] = n\n")
    names = many.load().names
    assert len(names) == 1000
    assert "_private" not in names


@pytest.mark.parametrize("notes", ["7", "['x' * 10_000] * 500", "[3, None]", "{'a': 1}"])
def test_notes_that_a_module_makes_up_are_cut(submit, notes):
    found = submit(f"__grader_notes__ = {notes}").load().notes
    assert len(found) <= 100
    assert all(len(note) <= 300 for note in found)
