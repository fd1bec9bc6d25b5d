"""What becomes of a notebook, and of each of its cells."""

import json
import tracemalloc

import nbformat
import pytest

from tests.intake.handed_in import WORK, code, imported, load, notebook, refusal, write


def run(tmp_path, *cells, expression="None", **more):
    """Return a notebook's load notes, an expression's value, and the notes made while it ran."""
    loaded = load(write(tmp_path / "ada.ipynb", notebook(*cells, **more)))
    value, notes, _ = imported(loaded, tmp_path / "root", expression)
    return loaded.notes, value, notes


DOUBLE = "student.double(2)"


# ---- cells that run --------------------------------------------------------------------------------------------


def test_cells_run_in_the_order_of_the_document(tmp_path):
    out_of_order = [code("x = 1"), code("x += 1"), code("seen = x")]
    out_of_order[0]["execution_count"], out_of_order[2]["execution_count"] = 9, 2
    assert run(tmp_path, *out_of_order, expression="student.seen") == ((), 2, [])


def test_nothing_runs_while_a_notebook_is_loaded(tmp_path):
    load(write(tmp_path / "ada.ipynb", notebook(f"open({str(tmp_path / 'ran')!r}, 'w')")))
    assert not (tmp_path / "ran").exists()


def test_a_function_may_use_what_a_later_cell_imports(tmp_path):
    cells = ("def root(x):\n    return math.sqrt(x)", "import math")
    assert run(tmp_path, *cells, expression="student.root(4)") == ((), 2.0, [])


def test_functions_belong_to_the_assignments_module(tmp_path):
    value = run(tmp_path, WORK, expression="[student.double.__module__, student.__name__]")[1]
    assert value == ["tiny", "tiny"]


def test_the_main_block_does_not_run(tmp_path):
    assert run(tmp_path, WORK, "if __name__ == '__main__':\n    exit(1)", expression=DOUBLE) == ((), 4, [])


def test_markdown_raw_and_empty_cells_are_not_run_or_counted(tmp_path):
    markdown = {"cell_type": "markdown", "source": "# 1/0", "metadata": {}}
    raw = {"cell_type": "raw", "source": "1/0", "metadata": {}}
    _, _, notes = run(tmp_path, markdown, raw, " \n", WORK, "1/0")
    assert notes == ["cell 2 raised ZeroDivisionError and was passed over: division by zero (line 1, `1/0`)"]


def test_a_future_import_holds_for_the_cells_after_it(tmp_path):
    cells = ("from __future__ import annotations", "def f(x: Missing): return 1")
    assert run(tmp_path, *cells, expression="student.f.__annotations__['x']") == ((), "Missing", [])


def test_a_source_may_be_a_list_of_lines_and_have_lines_of_windows(tmp_path):
    cell = code("") | {"source": ["def double(x):\r\n", "    return 2 * x"]}
    assert run(tmp_path, cell, expression=DOUBLE)[1] == 4


def test_what_is_printed_and_drawn_as_characters_survives(tmp_path):
    assert run(tmp_path, '名字 = \'李雷 \\N{SNOWMAN} ☃ """ \\\\\'', expression="student.名字")[1] == '李雷 ☃ ☃ """ \\'


def test_the_source_of_a_cells_function_can_be_asked_for(tmp_path):
    expression = "__import__('inspect').getsource(student.double)"
    assert run(tmp_path, "x = 1", WORK, expression=expression)[1] == WORK


# ---- cells that fail -------------------------------------------------------------------------------------------


def test_a_cell_that_raises_does_not_take_the_functions_of_the_others_with_it(tmp_path):
    cells = ("import math", WORK, "y = 1\nw -= lr * grad", "def triple(x):\n    return 3 * x")
    load_notes, value, notes = run(tmp_path, *cells, expression="student.double(1) + student.triple(1)")
    assert (load_notes, value) == ((), 5)
    assert notes == ["cell 3 raised NameError and was passed over: name 'w' is not defined (line 2, `w -= lr * grad`)"]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("raise SystemExit(1)", "SystemExit"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def f(): f()\nf()", "RecursionError"),
        ("class E(BaseException): __str__ = None\nraise E", "E"),
        ("import no_such_library", "ModuleNotFoundError"),
        ("return 3", "SyntaxError"),
        ("await x", "SyntaxError"),
        ("raise ExceptionGroup('g', [ValueError()])", "ExceptionGroup"),
    ],
)
def test_whatever_a_cell_raises_the_others_run(tmp_path, cell, name):
    _, value, notes = run(tmp_path, cell, WORK, expression=DOUBLE)
    assert value == 4
    assert len(notes) == 1
    assert notes[0].startswith(f"cell 1 raised {name} and was passed over")


def test_what_a_failing_cell_defined_before_it_failed_is_kept(tmp_path):
    _, value, notes = run(tmp_path, f"{WORK}double(None)", expression=DOUBLE)
    assert value == 4
    assert "(line 3, `double(None)`)" in notes[0]


def test_a_notes_length_is_bounded(tmp_path):
    _, _, notes = run(tmp_path, "x = 1", "raise ValueError('a\\n' * 10_000)")
    assert len(notes[0]) <= 280
    assert "\n" not in notes[0]


def test_a_traceback_names_the_cell_and_the_line(tmp_path):
    loaded = load(write(tmp_path / "ada.ipynb", notebook("x = 1", "def f():\n    return 1 / 0")))
    _, _, said = imported(loaded, tmp_path / "root", "student.f()", check=False)
    assert 'File "cell 2", line 2, in f' in said
    shown = imported(loaded, tmp_path / "again", "__import__('linecache').getline('cell 2', 2)")[0]
    assert shown == "    return 1 / 0"


def test_a_cell_with_a_syntax_error_is_passed_over_and_its_line_shown(tmp_path):
    load_notes, value, _ = run(tmp_path, "x = 1\ndef f(:", WORK, expression=DOUBLE)
    assert value == 4
    assert load_notes == ("cell 1 has a syntax error at line 2 (invalid syntax): `def f(:`: it was passed over",)


def test_a_notebook_of_which_no_cell_is_python_is_refused(tmp_path):
    said = refusal(write(tmp_path / "ada.ipynb", notebook("def f(:", "x =")))
    expected = "ada.ipynb has code cells, but none that is Python: cell 1 has a syntax error at line 1 (invalid syntax)"
    assert said == f"{expected}: `def f(:`"


def test_a_notebook_of_which_every_cell_raises_raises_what_the_first_did(tmp_path):
    loaded = load(write(tmp_path / "ada.ipynb", notebook("1 / 0", "import no_such_library")))
    _, _, said = imported(loaded, tmp_path / "root", check=False)
    assert said.strip().endswith("ZeroDivisionError: division by zero")
    assert 'File "cell 1", line 1' in said


# ---- cells out of order ----------------------------------------------------------------------------------------


def test_a_cell_that_needs_a_later_one_is_run_again_after_the_others(tmp_path):
    cells = ("class B(A):\n    two = 2", "class A:\n    pass")
    _, value, notes = run(tmp_path, *cells, expression="student.B.two")
    assert value == 2
    assert notes == ["cell 1 needed A, which a later cell defines: it was run again after the others"]


def test_cells_in_reverse_order_all_run(tmp_path):
    cells = ("c = b + 1", "b = a + 1", "a = 1")
    _, value, notes = run(tmp_path, *cells, expression="student.c")
    assert value == 3
    assert [note[:6] for note in notes] == ["cell 2", "cell 1"]


def test_a_cell_that_is_run_again_does_not_replace_what_later_cells_defined(tmp_path):
    cells = ("def double(x):\n    return 'first try'\nhere = 1\ndouble(data)", "data = 1", WORK)
    _, value, notes = run(tmp_path, *cells, expression="[student.double(2), student.here]")
    assert value == [4, 1]
    assert len(notes) == 1


def test_a_cell_that_fails_again_is_named_once_with_what_it_raised_last(tmp_path):
    _, _, notes = run(tmp_path, "f()\n1 / 0", "def f(): pass")
    assert notes == ["cell 1 raised ZeroDivisionError and was passed over: division by zero (line 2, `1 / 0`)"]


def test_a_cell_is_not_run_again_for_a_name_that_never_comes(tmp_path):
    _, value, _ = run(tmp_path, "runs = []", "runs.append(1)\nmissing", "x = 1", expression="student.runs")
    assert value == [1]


# ---- what only a notebook has ----------------------------------------------------------------------------------


def test_magics_and_shell_lines_are_passed_over_and_named_once(tmp_path):
    cells = ("%matplotlib inline\n!pip install einops", WORK, "%%bash\nrm -rf /", "double?")
    load_notes, value, notes = run(tmp_path, *cells, expression=DOUBLE)
    assert (value, notes) == (4, [])
    assert load_notes == (
        "what only IPython understands was passed over: `%matplotlib inline` (cell 1), `!pip install einops` (cell 1), "
        "`%%bash` (cell 3) and `double?` (cell 4)",
    )


def test_a_timed_cell_runs_once(tmp_path):
    cells = ("runs = []", f"%%time\nruns.append(1)\n{WORK}", "%%timeit -n 100\nruns.append(2)", "%time runs.append(3)")
    assert run(tmp_path, *cells, expression="[student.runs, student.double(2)]") == ((), [[1, 2, 3], 4], [])


def test_input_is_answered_with_an_empty_line(tmp_path):
    cells = ("name = input('who? ')\nagain = input()", "n = int(input())", "def ask():\n    return input()")
    _, value, notes = run(tmp_path, *cells, expression="[student.name, student.ask()]")
    assert value == ["", ""]
    assert notes[:2] == [
        "cell 1 called input(), which was answered with an empty line",
        "cell 2 called input(), which was answered with an empty line",
    ]
    assert notes[2].startswith("cell 2 raised ValueError and was passed over")


def test_what_ipython_defines_is_there(tmp_path):
    cells = ("display(1, 2)", "get_ipython().run_line_magic('matplotlib', 'inline')")
    assert run(tmp_path, *cells, expression="'display' in vars(student)") == ((), False, [])


def test_plots_draw_nothing_where_matplotlib_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.standin.find_spec", lambda _: None)
    cells = (
        f"import math as m, matplotlib.pyplot as plt\nfrom tqdm.auto import tqdm, trange\n{WORK}",
        "fig, (a, b) = plt.subplots(1, 2, figsize=(8, 3))\na.plot([1], label='x'); b.set_title('t'); plt.show()",
        "n, bins, patches = plt.hist([1])\nfor ax in fig.axes: ax.grid(True)",
        "with plt.style.context('ggplot'):\n    plt.savefig('x.png')",
        "total = sum(tqdm([1, 2, 3], desc='x')) + sum(trange(3))",
        "with tqdm(total=3) as bar: bar.update(1)\ntqdm.write('x')",
    )
    load_notes, value, notes = run(tmp_path, *cells, expression="[student.double(2), student.total]")
    assert (value, notes) == ([4, 9], [])
    assert load_notes == ("matplotlib and tqdm are not installed here: stand-ins that show nothing were imported",)


@pytest.mark.parametrize(
    ("nbgrader", "runs"),
    [
        pytest.param({"grade": True, "solution": False, "locked": True}, False, id="an autograder test"),
        pytest.param({"grade": True, "solution": True}, True, id="a manually graded answer"),
        pytest.param({"grade": False, "solution": True}, True, id="an autograded answer"),
        pytest.param({"grade": False, "solution": False, "locked": True}, True, id="read only"),
        pytest.param({}, True, id="nothing said"),
    ],
)
def test_only_nbgraders_own_tests_are_passed_over(tmp_path, nbgrader, runs):
    load_notes, value, _ = run(tmp_path, WORK, code("ran = 1", nbgrader=nbgrader), expression="hasattr(student, 'ran')")
    assert value == runs
    assert load_notes == (() if runs else ("nbgrader's own tests were passed over: cell 2",))


def test_a_notebook_with_nothing_but_tests_is_refused(tmp_path):
    said = refusal(write(tmp_path / "ada.ipynb", notebook(code("1", nbgrader={"grade": True, "solution": False}))))
    assert said == "ada.ipynb has code cells, but none of your own to run: hand in the one that you wrote"


# ---- the file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [3, 4])
def test_every_format_that_jupyter_still_reads_is_read(tmp_path, version):
    made = nbformat.from_dict(json.loads(notebook(WORK, "1 / 0")))
    for cell in made.cells:
        cell["id"] = f"c{id(cell)}"
    text = nbformat.writes(nbformat.convert(made, version), version=version)
    loaded = load(write(tmp_path / "ada.ipynb", text))
    value, notes, _ = imported(loaded, tmp_path / "root", DOUBLE)
    assert value == 4
    assert notes[0].startswith("cell 2 raised ZeroDivisionError")


def test_saved_outputs_of_fifty_megabytes_cost_no_more_than_the_file(tmp_path):
    cell = code(WORK) | {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["x" * 1000] * 50_000}]}
    path = write(tmp_path / "ada.ipynb", notebook(cell))
    size = path.stat().st_size
    assert size > 50_000_000
    tracemalloc.start()
    try:
        loaded = load(path)
        assert tracemalloc.get_traced_memory()[1] < size + 20_000_000
    finally:
        tracemalloc.stop()
    assert sum(map(len, loaded.files.values())) < 100_000


def test_saved_outputs_decide_nothing(tmp_path):
    seen = code(WORK) | {"execution_count": 7, "outputs": [{"output_type": "stream"}]}
    ada, ben = write(tmp_path / "ada.ipynb", notebook(WORK)), write(tmp_path / "ben.ipynb", notebook(seen))
    assert load(ada).digest == load(ben).digest


def test_numbers_that_json_does_not_have_are_read_in_outputs(tmp_path):
    cell = code("x = 'NaN, -Infinity'") | {"outputs": [{"data": [float("nan"), float("-inf"), '"NaN']}]}
    loaded = load(write(tmp_path / "ada.ipynb", notebook(cell)))
    assert imported(loaded, tmp_path / "root", "student.x")[0] == "NaN, -Infinity"


def test_a_byte_order_mark_is_nothing(tmp_path):
    assert load(write(tmp_path / "ada.ipynb", b"\xef\xbb\xbf" + notebook(WORK))).entry == "tiny.py"


def test_what_a_tool_wrote_as_null_is_nothing(tmp_path):
    cell = code(WORK) | {"metadata": {"nbgrader": None}}
    bare = {"cell_type": "code", "source": None, "metadata": None}
    assert load(write(tmp_path / "ada.ipynb", notebook(cell, bare, metadata={"language_info": None}))).notes == ()


NOT_A_NOTEBOOK = "ada.ipynb is not a notebook: save it in Jupyter and hand in that file"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "ada.ipynb is empty: hand in the notebook that you wrote"),
        (b"def f(): pass", NOT_A_NOTEBOOK),
        (b'{"cells": []', NOT_A_NOTEBOOK),
        (b"[1, 2]", NOT_A_NOTEBOOK),
        (b'{"cells": []}', NOT_A_NOTEBOOK),
        (b'{"nbformat": 4, "cells": [1]}', NOT_A_NOTEBOOK),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', NOT_A_NOTEBOOK),
        (b'{"nbformat": 4, "o": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", NOT_A_NOTEBOOK),
        (b'{"nbformat": 4, "o": NaN', NOT_A_NOTEBOOK),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\\ud800"}]}', NOT_A_NOTEBOOK),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\xb4\xf3"}]}', "ada.ipynb is not UTF-8: save it"),
        (notebook(WORK).decode().encode("utf-16"), NOT_A_NOTEBOOK),
        (notebook(), "ada.ipynb has no code cells: hand in the notebook that you wrote"),
        (notebook("  "), "ada.ipynb has no code cells: hand in the notebook that you wrote"),
        (
            notebook("1", metadata={"language_info": {"name": "R"}}),
            "ada.ipynb is a notebook in R: hand in one in Python",
        ),
        (
            notebook("x = '" + "a" * (1 << 20) + "'"),
            "ada.ipynb has more than 512 kB of code: keep data out of its cells",
        ),
    ],
)
def test_what_is_no_notebook_gets_one_sentence(tmp_path, content, sentence):
    assert refusal(write(tmp_path / "ada.ipynb", content)).startswith(sentence)


def test_a_file_of_a_gigabyte_is_not_read(tmp_path):
    with (tmp_path / "ada.ipynb").open("wb") as file:
        file.truncate(1 << 30)
    assert refusal(tmp_path / "ada.ipynb") == "ada.ipynb has 1 GB, and at most 200 MB are read: make it smaller"
