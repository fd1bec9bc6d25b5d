"""What becomes of a folder."""

import os

import pytest

from grader.intake import limits
from tests.intake.handed_in import STUB, WORK, assignment, code, imported, load, notebook, refusal, write


def of(tmp_path, files):
    for name, content in files.items():
        write(tmp_path / "ada" / name, content)
    return tmp_path / "ada"


# ---- which file is meant ---------------------------------------------------------------------------------------


def test_modules_import_each_other_and_data_comes_along(tmp_path):
    path = of(
        tmp_path,
        {
            "tiny.py": "from factor import two\nfrom layers.deep import f\ndef double(x): return two() * f(x)",
            "factor.py": "def two(): return int(open('data/two.txt').read())",
            "layers/__init__.py": "",
            "layers/deep.py": "def f(x): return x",
            "data/two.txt": "2",
        },
    )
    loaded = load(path)
    assert loaded.notes == ()
    assert imported(loaded, tmp_path / "root", "student.double(4)")[0] == 8


@pytest.mark.parametrize("name", ["tiny.py", "tiny.ipynb"])
def test_the_assignments_module_wins_over_others(tmp_path, name):
    content = WORK if name.endswith(".py") else notebook(WORK)
    loaded = load(of(tmp_path, {name: content, "other.py": STUB, "old.ipynb": notebook(STUB)}))
    assert loaded.entry == "tiny.py"
    assert loaded.notes == ()
    assert "old.ipynb" not in loaded.files
    assert imported(loaded, tmp_path / "root", "student.double(2)")[0] == 4


@pytest.mark.parametrize("name", ["my solution (1).py", "解答.ipynb"])
def test_the_only_file_that_can_be_meant_is_and_a_note_says_so(tmp_path, name):
    content = WORK if name.endswith(".py") else notebook(WORK)
    loaded = load(of(tmp_path, {name: content, "test_public.py": "import tiny", "conftest.py": "", "README.md": "x"}))
    assert loaded.notes == (f"{name} was taken for tiny.py",)
    assert loaded.files["tiny.py"]


def test_two_files_that_could_be_meant_are_named(tmp_path):
    said = refusal(of(tmp_path, {"b.py": WORK, "a.ipynb": notebook(WORK)}))
    step = "hand in one, called tiny.py or tiny.ipynb"
    assert said == f"ada holds two files that could be meant, a.ipynb and b.py: {step}"


def test_many_files_that_could_be_meant_are_counted(tmp_path):
    said = refusal(of(tmp_path, {f"{letter}.py": WORK for letter in "abcdef"}))
    assert said.startswith("ada holds 6 files that could be meant, a.py, b.py, c.py and 3 more: ")


def test_the_module_and_the_notebook_are_two_files_that_could_be_meant(tmp_path):
    said = refusal(of(tmp_path, {"tiny.py": WORK, "tiny.ipynb": notebook(WORK)}))
    assert said.startswith("ada holds two files that could be meant, tiny.ipynb and tiny.py")


@pytest.fixture
def handed_out(tmp_path):
    write(tmp_path / "handout" / "tiny.py", STUB)
    write(tmp_path / "handout" / "tiny.ipynb", notebook(STUB))
    return assignment(tmp_path / "handout")


@pytest.mark.parametrize(
    "files",
    [
        {"tiny.py": WORK, "tiny.ipynb": notebook(code(STUB) | {"outputs": [{"output_type": "stream"}]})},
        {"tiny.py": STUB.replace("\n", "\r\n"), "tiny.ipynb": notebook(WORK)},
    ],
)
def test_a_stub_that_came_back_unchanged_is_not_meant(tmp_path, handed_out, files):
    loaded = load(of(tmp_path, files), handed_out)
    assert imported(loaded, tmp_path / "root", "student.double(2)")[0] == 4


def test_the_module_is_meant_where_both_stubs_came_back_unchanged(tmp_path, handed_out):
    loaded = load(of(tmp_path, {"tiny.py": STUB, "tiny.ipynb": notebook(STUB)}), handed_out)
    assert loaded.files == {"tiny.py": STUB.encode()}


def test_a_file_that_is_no_notebook_is_no_stub(tmp_path, handed_out):
    assert "two files that could be meant" in refusal(of(tmp_path, {"tiny.py": WORK, "tiny.ipynb": "x"}), handed_out)


def test_a_module_within_a_project_finds_what_is_beside_it_and_above_it(tmp_path):
    path = of(
        tmp_path,
        {
            "project/src/tiny.py": "import near\nimport far\ndef double(x): return near.two * x + far.nought",
            "project/src/near.py": "two = 2",
            "project/README.md": "x",
            "far.py": "nought = 0",
            "near.py": "two = 9",
        },
    )
    assert imported(load(path), tmp_path / "root", "student.double(2)")[0] == 4


def test_two_modules_of_the_name_are_told_apart_by_their_folders(tmp_path):
    said = refusal(of(tmp_path, {"a/tiny.py": WORK, "b/tiny.py": STUB}))
    assert "a/tiny.py and b/tiny.py" in said


def test_the_file_nearest_to_the_top_is_meant(tmp_path):
    loaded = load(of(tmp_path, {"tiny.py": WORK, "old/tiny.py": STUB}))
    assert loaded.files["tiny.py"] == WORK.encode()


# ---- what is passed over, and what is refused ------------------------------------------------------------------


def test_what_tools_leave_is_passed_over(tmp_path):
    left = ("__pycache__/x.py", ".ipynb_checkpoints/tiny-checkpoint.ipynb", ".git/config", ".DS_Store", "venv/x.py")
    made = {"tiny.py": WORK, "env/pyvenv.cfg": "x", "env/lib/y.py": STUB, "timestamp.txt": "2026-01-01 00:00:00 UTC"}
    loaded = load(of(tmp_path, {**dict.fromkeys(left, STUB), **made}))
    assert loaded.files.keys() == {"tiny.py"}


@pytest.mark.parametrize("inside", [[], [".hidden"], ["__pycache__/tiny.pyc"]])
def test_nothing_handed_in(tmp_path, inside):
    (tmp_path / "ada").mkdir()
    said = refusal(of(tmp_path, dict.fromkeys(inside, "x")))
    assert said == "nothing was handed in: ada is empty, and tiny.py or tiny.ipynb was asked for"


def test_a_wrong_file_name(tmp_path):
    said = refusal(of(tmp_path, {"report.docx": "x", "tiny.py.txt": WORK}))
    assert said == "ada holds no tiny.py or tiny.ipynb, only report.docx and tiny.py.txt: hand in one of the two"


def test_what_is_wrong_with_the_file_that_is_meant_is_said(tmp_path):
    assert refusal(of(tmp_path, {"sub/tiny.py": ""})) == "sub/tiny.py is empty: hand in the file that you wrote"


def test_a_flaw_in_another_file_is_not_the_graders_concern(tmp_path):
    assert load(of(tmp_path, {"tiny.py": WORK, "old.py": "def f(:"})).files.keys() == {"tiny.py", "old.py"}


def test_large_data_is_left_behind_with_a_note(tmp_path):
    loaded = load(of(tmp_path, {"tiny.py": WORK, "weights.pt": b"0" * (limits.DATA + 1), "small.pt": b"1"}))
    assert loaded.files.keys() == {"tiny.py", "small.pt"}
    assert loaded.notes == ("what has more than 1 MB was left behind: weights.pt",)


def test_a_file_of_a_gigabyte_is_not_read(tmp_path):
    path = of(tmp_path, {"tiny.py": WORK})
    for name in ("data.bin", "tiny.py"):
        with (path / name).open("wb") as file:
            file.truncate(1 << 30)
    assert refusal(path) == "tiny.py has 1 GB, and at most 512 kB are read: make it smaller"


def test_more_than_comes_along_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "CARRIED", 10)
    assert refusal(of(tmp_path, {"tiny.py": WORK, "a": "123456", "b": "123456"})) == (
        "ada holds 12 bytes beside tiny.py: hand in at most 10 bytes"
    )


def test_more_than_is_read_in_all_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "UNPACKED", 10)
    assert refusal(of(tmp_path, {"a": "123456", "b": "123456"})).startswith("ada has 12 bytes, and at most 10 bytes")


@pytest.mark.parametrize("limit", ["FILES", "ENTRIES"])
@pytest.mark.parametrize("names", [["1/x", "2/x", "3/x"], ["x/1", "x/2", "x/3"]])
def test_thousands_of_files_are_refused(tmp_path, monkeypatch, limit, names):
    monkeypatch.setattr(limits, limit, 2)
    said = refusal(of(tmp_path, dict.fromkeys(names, "x")))
    assert said.endswith(f"holds more than {limits.FILES} files: hand in only your own")


def test_folders_in_folders_are_refused_beyond_a_depth(tmp_path):
    said = refusal(of(tmp_path, {"/".join("a" * 30): "x"}))
    assert "is too deep: hand in at most 20 folders in each other" in said


@pytest.mark.parametrize("target", ["/etc/passwd", "../ben.py", "tiny.py", "/etc", "nowhere"])
def test_a_link_is_refused_wherever_it_leads(tmp_path, target):
    write(tmp_path / "ben.py", WORK)
    path = of(tmp_path, {"tiny.py": WORK})
    (path / "data").mkdir()
    (path / "data" / "link").symlink_to(target)
    assert refusal(path) == "data/link is a link, which is not followed: hand in the file itself"


def test_a_submission_that_is_a_link_is_refused(tmp_path):
    of(tmp_path, {"tiny.py": WORK})
    (tmp_path / "ben").symlink_to("ada")
    assert refusal(tmp_path / "ben") == "ben is a link, which is not followed: hand in the file itself"


def test_a_pipe_is_refused(tmp_path):
    path = of(tmp_path, {"tiny.py": WORK})
    os.mkfifo(path / "pipe")
    assert refusal(path) == "pipe is a pipe and not a file: hand in an ordinary file"


def test_a_folder_that_may_not_be_read_gets_a_sentence(tmp_path, monkeypatch):
    path = of(tmp_path, {"tiny.py": WORK})

    def refuse(folder):
        raise PermissionError(13, "no", str(folder))

    monkeypatch.setattr("grader.intake.tree.os.scandir", refuse)
    assert refusal(path) == "ada may not be read by the grader: change its permissions"


def test_a_name_that_is_not_utf8_is_no_obstacle(tmp_path):
    path = of(tmp_path, {"tiny.py": WORK})
    with open(os.fsencode(path) + b"/\xff\xfe.txt", "wb"):  # noqa: PTH123
        pass
    assert load(path).files.keys() == {"tiny.py", "??.txt"}


def test_a_students_own_file_is_no_missing_library(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.standin.find_spec", lambda _: None)
    own = {"plotly.py": "", "tqdm/__init__.py": ""}
    loaded = load(of(tmp_path, {"tiny.py": "import plotly\nfrom tqdm import x", **own}))
    assert loaded.notes == ()
    assert "__grader_standins__.py" not in loaded.files


def test_a_library_that_another_file_imports_gets_a_stand_in(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.standin.find_spec", lambda _: None)
    loaded = load(of(tmp_path, {"tiny.py": "from show import plot", "show.py": "from seaborn import plot"}))
    assert loaded.files.keys() == {"tiny.py", "show.py", "seaborn.py", "__grader_standins__.py"}
