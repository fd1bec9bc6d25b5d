import builtins

import nbformat
import pytest

from grader.checking.student import load_student
from grader.course import read_assignment
from grader.errors import Ungradable


@pytest.fixture
def load(handout):
    def run(text, name="ada.py", seconds=None):
        path = handout / name
        path.write_text(text, encoding="utf-8")
        return load_student(read_assignment(handout), path, seconds)

    return run


def notebook(*cells):
    v4 = nbformat.v4
    return nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells]))


def test_a_module_of_any_name_is_the_assignments_module(load):
    student = load("x = __name__")
    assert student.module.__name__ == student.module.x == "tiny"


def test_what_stands_beside_a_module_can_be_imported(load, handout):
    (handout / "ada_more.py").write_text("y = 3")
    assert load("from ada_more import y").module.y == 3


def test_a_script_below_its_main_is_not_run(load):
    load("if __name__ == '__main__':\n    raise RuntimeError")


def test_a_notebook_is_its_cells_and_a_cell_that_raises_is_noted(load):
    student = load(notebook("x = 1", "print(y)", "def f():\n    return x"), "ada.ipynb")
    assert student.module.f() == 1
    assert any("cell 2 raised NameError and was passed over" in note for note in student.notes)


def test_lines_of_a_notebook_are_lines_of_its_cells(load):
    student = load(notebook("x = 1", "def f():\n    return x"), "ada.ipynb")
    place = student.locate("cell 2", 2)
    assert (place.label, place.code) == ("cell 2, line 2", "return x")
    assert student.locate("other.py", 1) is None


def test_the_keyboard_is_given_back_after_a_notebook(load):
    before = builtins.input
    load(notebook("name = input()"), "ada.ipynb")
    assert builtins.input is before


@pytest.mark.parametrize(
    ("text", "problem", "place"),
    [
        pytest.param("x = (", "syntax error", None, id="not Python"),
        pytest.param(
            "x = 1\nreturn x", "ada.py is not Python: 'return' outside function", "ada.py, line 2", id="return"
        ),
        pytest.param(
            "x = 1\ny = z", "raised NameError when it was imported: name 'z'", "ada.py, line 2: y = z", id="raises"
        ),
        pytest.param("exit()", "ends the program when it is imported", "ada.py, line 1: exit()", id="exits"),
        pytest.param(
            "\nraise KeyboardInterrupt", "stopped while ada.py was being imported", "ada.py, line 2", id="ctrl-c"
        ),
    ],
)
def test_a_module_that_cannot_be_imported_says_why_and_where(load, text, problem, place):
    with pytest.raises(Ungradable, match=problem) as raised:
        load(text)
    assert place is None or raised.value.place.startswith(place)


def test_an_import_that_never_ends_is_stopped(load):
    with pytest.raises(Ungradable, match=r"stopped while ada.py was being imported") as raised:
        load("while True:\n    pass", seconds=0.3)
    assert raised.value.place.startswith("ada.py, line ")


def test_a_cell_that_never_ends_is_stopped(load):
    with pytest.raises(Ungradable, match=r"stopped while ada.ipynb was being imported"):
        load(notebook("x = 1", "while True:\n    pass"), "ada.ipynb", seconds=0.3)


def test_what_is_no_file_of_python_is_refused(load):
    with pytest.raises(Ungradable, match="not something that can be loaded"):
        load("x = 1", "ada.txt")
