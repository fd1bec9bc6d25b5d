from __future__ import annotations

import json

from benchmarks.classroom import KINDS, hand_in, students


def test_no_two_notebooks_are_the_same(tmp_path):
    hand_in(tmp_path, 3 * len(KINDS))
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 3 * len(KINDS)


def test_a_class_is_the_same_every_time(tmp_path):
    first, second = (hand_in(tmp_path / name, 9) for name in ("first", "second"))
    assert [p.read_bytes() for p in sorted(first.iterdir())] == [p.read_bytes() for p in sorted(second.iterdir())]


def test_every_kind_is_in_a_class_of_as_many_as_there_are_kinds():
    assert {student.kind for student in students(len(KINDS))} == set(KINDS)


def test_a_student_answers_in_the_handed_out_cells(tmp_path):
    notebook = json.loads((hand_in(tmp_path, 1) / "student000.ipynb").read_text())
    written = {cell["id"]: cell["source"] for cell in notebook["cells"]}
    assert written["softmax"].startswith("# student000\ndef softmax(")
    assert "NotImplementedError" not in "".join(map(str, written.values()))


def test_a_class_can_be_handed_in_as_nbgrader_wants_it(tmp_path):
    hand_in(tmp_path, 1, inside="layers/layers.ipynb")
    assert (tmp_path / "student000" / "layers" / "layers.ipynb").is_file()
