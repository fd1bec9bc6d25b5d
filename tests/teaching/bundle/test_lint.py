"""Each rule is shown to find what it is for, in whatever place an author may have left it, and nothing else."""

import io
import json
import zipfile
from pathlib import Path

import nbformat
import pytest

from grader.course import find_course
from grader.errors import CourseError
from grader.teaching.bundle.contents import contents
from grader.teaching.bundle.lint import findings
from grader.teaching.source import generate

ROOT = Path(__file__).parents[3]
LINE = 'raise ValueError(f"factor must not be negative: {factor}")'  # of the tiny solution
TRAINING = (
    "rows = [line.split() for line in x.splitlines()]",
    "data = torch.tensor([[float(cell) for cell in row] for row in rows])",
    "loss = torch.nn.functional.mse_loss(data, x) / len(rows)",
    "return loss + 0.5 * torch.nn.functional.l1_loss(data, x)",
)


@pytest.fixture
def found(tiny):
    """Write files into the handout and return what is found in it."""

    def look(files):
        for name, data in files.items():
            path = tiny.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return [(each.where, each.problem) for each in findings(tiny, contents(tiny).files)]

    return look


def test_what_is_handed_out_as_it_is_built_is_clean(found):
    assert found({}) == []


@pytest.mark.parametrize("name", [f.name for f in sorted((ROOT / "assignments").iterdir()) if f.name[0].isdigit()])
def test_our_own_assignments_are_clean(name):
    assignment = find_course(ROOT).assignment(name)
    assert findings(assignment, contents(assignment).files) == ()


# ---- generated files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tiny.py", "tiny.ipynb"])
def test_a_stale_file_is_found(found, name):
    assert (name, "is not what the source makes: run grader build") in found({name: "changed"})


def test_a_stale_notebook_of_the_solution_is_nothing_to_students(found, tiny):
    (tiny.solution / "tiny.ipynb").write_text("old")
    assert found({}) == []


def test_a_stub_that_would_give_its_solution_away_cannot_even_be_made(found, tiny, secret):
    told = "def negative(factor):\n    if factor < 0:\n        " + LINE + "\n    self.factor = factor\n"
    (tiny.solution / "tiny.py").write_text(secret("tiny.py") + "\n\n# %%\n" + told)
    with pytest.raises(CourseError, match="still holds this solution"):
        found({})


# ---- whole files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["probes.py", "misconceptions.py", "alternatives/operators.py", "titles.zh.toml"])
def test_a_file_of_the_solution_is_found_under_any_name(found, secret, name):
    assert ("data/notes.txt", f"is the file solutions/01_tiny/{name}") in found({"data/notes.txt": secret(name)})


def test_a_file_of_the_solution_is_found_in_a_zip(found, secret):
    assert ("all.zip: a.txt", "is the file solutions/01_tiny/probes.py") in found(
        {"all.zip": packed(secret("probes.py"))}
    )


def packed(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", text)
    return buffer.getvalue()


def test_an_empty_file_is_nobodys(found, tiny):
    (tiny.solution / "conftest.py").write_text("")
    assert found({"__init__.py": ""}) == []


# ---- lines -----------------------------------------------------------------------------------------------------


def notebook(cell):
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Notes"), cell]))


def code(source, **more):
    return notebook(nbformat.v4.new_code_cell(source, **more))


def printed(text):
    return code("x", outputs=[nbformat.v4.new_output("stream", text=text)])


@pytest.mark.parametrize(
    ("name", "data", "where"),
    [
        ("more.md", f"# Notes\n\nWrite `{LINE}` there.\n", "more.md, line 3"),
        ("more.py", f"# {LINE}\n", "more.py, line 1"),
        ("more.py", LINE.replace('"', "'").replace("(f", "(\n    f"), "more.py, line 1"),
        ("more.ipynb", code(f"x = 1\n{LINE}"), "more.ipynb, cell 2, line 2"),
        ("more.ipynb", notebook(nbformat.v4.new_markdown_cell(f"`{LINE}`")), "more.ipynb, cell 2, line 1"),
        ("more.ipynb", printed(f"ValueError\n  {LINE}"), "more.ipynb, beside cell 2"),
        ("more.ipynb", code("x", metadata={"note": LINE}), "more.ipynb, beside cell 2"),
        ("more.zip", packed(LINE), "more.zip: a.txt, line 1"),
        ("more.bin", b"\xff\xfe\n" + LINE.encode(), "more.bin, line 2"),
    ],
    ids=["prose", "comment", "laid out otherwise", "cell", "markdown", "output", "metadata", "zip", "bytes"],
)
def test_a_line_of_the_solution_is_found_wherever_it_stands(found, name, data, where):
    assert (where, "is line 51 of solutions/01_tiny/tiny.py") in found({name: data})


def test_lines_of_one_file_are_one_finding(found, tiny):
    lines = ["total = first + second * third", "other = total - first * fourth"]
    (tiny.solution / "alternatives" / "more.py").write_text("\n".join(lines))
    what = "is line 1 of solutions/01_tiny/alternatives/more.py, and 1 more of that file"
    assert found({"more.md": "\n".join(reversed(lines))}) == [("more.md, line 2", what)]


@pytest.mark.parametrize("name", ["misconceptions.py", "alternatives/operators.py"])
def test_an_answer_is_found_by_a_line(found, tiny, name):
    (tiny.solution / name).write_text("def double(x):\n    return torch.stack([x, x]).sum(dim=0)\n")
    assert ("more.md, line 1", f"is line 2 of solutions/01_tiny/{name}") in found(
        {"more.md": "It is torch.stack([x, x]).sum(dim=0)."}
    )


def test_a_hidden_check_is_found_by_a_passage_and_may_share_a_line(found, secret):
    hidden = secret("test_hidden_scale.py")
    body = hidden[hidden.index("@check") : hidden.index('@check("scale", points=10')]
    without = body.replace('    """The factor times the input."""\n', "")
    assert found({"more.md": without})
    assert found({"more.md": "    factor = 1.5 + torch.rand((), generator=rng).item()"}) == []


def test_a_script_that_the_handout_names_may_begin_as_the_solution_does(found, tiny, secret):
    source = secret("tiny.py").replace("    return twice(x)\n", "".join(f"    {line}\n" for line in TRAINING))
    (tiny.solution / "tiny.py").write_text(source)
    for path, text in generate(tiny).items():
        path.write_text(text)
    script = {"start.py": "\n".join(TRAINING[:2])}
    assert [where for where, _ in found(script)] == ["start.py, line 1"]
    named = (tiny.folder / "README.md").read_text() + "\nBegin with `start.py`.\n"
    assert found({**script, "README.md": named}) == []
    assert [where for where, _ in found({"start.py": "\n".join(TRAINING)})] == ["start.py, line 1"]


# ---- the rest --------------------------------------------------------------------------------------------------


def test_a_marker_is_found(found):
    assert found({"more.md": "a\n  # BEGIN SOLUTION\n"}) == [
        ("more.md, line 2", "has a marker of a solution: # BEGIN SOLUTION")
    ]


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ({"execution_count": 3}, "execution count"),
        ({"outputs": [nbformat.v4.new_output("stream", text="7")]}, "outputs"),
    ],
)
def test_a_notebook_that_was_run_is_found(found, cell, left):
    assert found({"more.ipynb": code("x", **cell)}) == [("more.ipynb, cell 2", f"was run: it has {left}")]


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"cells": 3}', '{"cells": [3]}'])
def test_what_is_called_a_notebook_and_is_none_stops_nothing(found, text):
    assert found({"more.ipynb": text}) == []


@pytest.mark.parametrize(
    "path", ["/home/ada/course", "/Users/ada", "C:\\Users\\ada", "/root/course", "file:///home/ada"]
)
def test_the_folder_of_a_person_is_found(found, path):
    ((where, problem),) = found({"more.md": f"a\nSee {path}."})
    assert where == "more.md, line 2"
    assert problem.startswith("names a folder of one machine: ")


def test_the_folder_of_the_course_is_found_also_in_metadata(found, tiny):
    root = str(tiny.folder.parent.parent)
    where = [
        where for where, _ in found({"more.ipynb": json.dumps(json.loads(code("x")) | {"metadata": {"path": root}})})
    ]
    assert where == ["more.ipynb, metadata"]


@pytest.mark.parametrize("text", ["https://example.org/home/ada", "/tmp/x", "/usr/bin/python3", "~/course"])
def test_a_path_that_everybody_has_is_none(found, text):
    assert found({"more.md": text}) == []
