import io
import json
import zipfile

import nbformat
import pytest

from grader.teaching.bundle.texts import Squeezed, Text, members, squeezed, texts

WRITTEN = "scores = q @ k.T / math.sqrt(d)"


@pytest.mark.parametrize(
    "layout",
    [
        "    scores = q @ k.T / math.sqrt(d)\n",
        "# scores=q@k.T/math.sqrt(d)",
        "> scores = q @ k.T / math.sqrt(d)",
        "#     scores = q @ \\\n".replace("\\", "") + "#         k.T / math.sqrt(d)",
        "scores = q @ k.T / math.sqrt(d,)",
        ">>> scores = q @ k.T / math.sqrt(d)",
    ],
)
def test_layout_changes_nothing(layout):
    assert squeezed(layout) == squeezed(WRITTEN)


def test_kinds_of_quotes_are_one():
    assert squeezed("x['a']") == squeezed('x["a"]')


@pytest.mark.parametrize(("before", "line"), [("", 1), ("a\n\n# b\n", 4)])
def test_a_passage_is_found_with_its_line(before, line):
    text = Squeezed(Text("README.md", before + "The " + WRITTEN + "\nand more\n"))
    assert text.line_of(squeezed(WRITTEN)) == line
    assert text.line_of("something else") is None


def test_a_text_is_read_as_it_is():
    assert list(texts("README.md", "有 words".encode())) == [Text("README.md", "有 words")]


def test_bytes_that_are_no_text_are_read_all_the_same():
    (found,) = texts("x.bin", b"\xff\xfe/home/ada\x00")
    assert "/home/ada" in found.text


def notebook(*cells, **metadata):
    return nbformat.writes(nbformat.v4.new_notebook(cells=[*cells], metadata=metadata)).encode()


def test_a_notebook_is_read_cell_by_cell_with_all_that_is_beside_them():
    shown = nbformat.v4.new_output("stream", text="printed\nhere")
    data = notebook(
        nbformat.v4.new_markdown_cell("prose"),
        nbformat.v4.new_code_cell("x = 1\ny = 2", outputs=[shown], metadata={"note": "tagged"}),
        author="ada",
    )
    found = {text.where: text.text for text in texts("lab.ipynb", data)}
    assert found["lab.ipynb, cell 2"] == "x = 1\ny = 2"
    assert "printed\nhere" in found["lab.ipynb, beside cell 2"]
    assert "tagged" in found["lab.ipynb, beside cell 2"]
    assert "ada" in found["lab.ipynb, metadata"]


def test_what_is_no_notebook_is_read_as_a_text():
    data = json.dumps({"cells": "none"}).encode()
    assert [text.where for text in texts("lab.ipynb", data)] == ["lab.ipynb"]


def test_the_files_of_a_zip_are_read_too():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner/a.py", "x = 1")
    assert list(texts("data.npz", buffer.getvalue())) == [Text("data.npz: inner/a.py", "x = 1")]
    assert members(buffer.getvalue()) == {"inner/a.py": b"x = 1"}
    assert members(b"no zip") == {}
