import time

import pytest

from grader.intake.magics import plain


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("%matplotlib inline", "pass"),
        ("%load_ext autoreload", "pass"),
        ("  %autoreload 2", "  pass"),
        ("%timeit -n 10 f(x)", "pass"),
        ("%run other.py", "pass"),
        ("%cd ..", "pass"),
        ("!pip install torch", "pass"),
        ("!!ls", "pass"),
        ("    !ls -la | grep '(' ", "    pass"),
        ("pip install torch", "pass"),
        ("conda install -y numpy", "pass"),
        ("files = !ls", "files = []"),
        ("a.b, c = %who_ls", "a.b, c = None"),
        ("?torch.nn", "pass"),
        ("torch.nn?", "pass"),
        ("torch.nn.Linear??", "pass"),
        ("%matplotlib?", "pass"),
        ("*int*?", "pass"),
    ],
)
def test_a_line_for_ipython_becomes_a_line_of_python(line, python):
    indent = "if 1:\n" if line.startswith(" ") else ""
    made = plain(f"{indent}{line}\nx = 1")
    assert made.source == f"{indent}{python}\nx = 1"
    assert made.passed == (line.strip(),)


@pytest.mark.parametrize(
    ("line", "python"), [("%time y = f(-x)", "y = f(-x)"), ("%time f()", "f()"), ("%prun -q -l 10 f()", "f()")]
)
def test_a_timed_line_is_run(line, python):
    assert (plain(line).source, plain(line).passed) == (python, ())


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 3", "%%capture out", "\n  %%time", "# timed\n%%time"])
def test_the_body_of_a_timed_cell_is_run_with_its_line_numbers(magic):
    made = plain(f"{magic}\nx = 1\n!ls\nx = 2")
    assert made.source.split("\n")[-3:] == ["x = 1", "pass", "x = 2"]
    assert made.source.count("\n") == magic.count("\n") + 3
    assert made.passed == ("!ls",)


def test_cell_magics_may_be_stacked():
    assert plain("%%capture\n%%time\nx = 1").source == "\n\nx = 1"


@pytest.mark.parametrize("magic", ["%%bash", "%%writefile x.py", "%%html", "%%javascript", "%%python", "%%own"])
def test_a_cell_that_is_not_python_is_passed_over_whole(magic):
    made = plain(f"{magic}\nx = 1")
    assert (made.source, made.passed, made.runs) == ("", (magic,), False)


@pytest.mark.parametrize(
    "source",
    [
        "x = 5\ny = (x\n  % 3)",
        's = """\n%matplotlib inline\n!ls\n"""',
        "s = 'a' \\\n  % 3",
        "x = [1,\n# )\n]\ny = 7 %2",
        "a = b != c",
        "pip = 3\npip",
    ],
)
def test_python_is_left_alone(source):
    assert plain(source).source == source
    assert plain(source).passed == ()


@pytest.mark.parametrize(
    "source",
    [
        's = """ # \n%d\n\\"""\n!x\n"""\n',
        "s = '''\n!x\n\"\"\"\n!y\n'''\n",
        "s = ('it''s # (',\n%d\n)\n".replace("%d", "8 \n%3"),
        "s = 'a # ('  # ( '\n",
        "s = 'a\\\n!b'\n",
        "t = f(x,  # why?\n  y\n%3)\n",
    ],
)
def test_strings_brackets_and_comments_are_not_taken_for_magics(source):
    made = plain(f"{source}%magic\nx = 1")
    assert made.source == f"{source}pass\nx = 1"
    assert made.passed == ("%magic",)


def test_a_magic_that_goes_on_in_the_next_line_goes_with_it():
    made = plain("!pip install a \\\n  b \\\n  c\nx = 1")
    assert made.source == "pass\n\n\nx = 1"
    assert made.passed == ("!pip install a \\",)


def test_what_is_neither_python_nor_ipython_stays():
    assert plain("%magic\ndef f(:\n    'open").source == "pass\ndef f(:\n    'open"


@pytest.mark.parametrize(
    "line",
    ["a" + " " * 300_000 + "b", "a" * 300_000 + "?x", "x?" + " " * 300_000 + "x", "%t " + "-a " * 100_000 + "\\"],
)
def test_no_line_takes_long_to_understand(line):
    before = time.process_time()
    plain(f"!x\n{line}")
    assert time.process_time() - before < 5  # seconds of CPU: a quadratic pattern takes minutes
