import pytest

from grader.errors import CourseError
from grader.teaching.bundle.contents import contents

HANDED_OUT = ["README.md", "README.zh.md", "assignment.toml", "test_public.py", "tiny.ipynb", "tiny.py"]


def test_all_of_the_handout_goes_in(tiny):
    (tiny.folder / "data").mkdir()
    (tiny.folder / "data" / "text.bin").write_bytes(b"\0\1")
    inside = contents(tiny)
    assert sorted(inside.files) == sorted([*HANDED_OUT, "data/text.bin"])
    assert inside.files["data/text.bin"] == b"\0\1"
    assert inside.left_out == ()


def test_what_a_run_leaves_and_hidden_files_stay_behind_and_are_told(tiny):
    (tiny.folder / "__pycache__").mkdir()
    (tiny.folder / "__pycache__" / "tiny.pyc").write_bytes(b"compiled")
    (tiny.folder / ".ipynb_checkpoints").mkdir()
    (tiny.folder / ".env").write_text("password")
    (tiny.folder / "tiny.pyc").write_bytes(b"compiled")
    inside = contents(tiny)
    assert sorted(inside.files) == HANDED_OUT
    assert inside.left_out == (".env", ".ipynb_checkpoints", "__pycache__", "tiny.pyc")


@pytest.mark.parametrize("target", ["solution", "nowhere"])
def test_a_link_is_refused(tiny, target):
    (tiny.folder / "extra").symlink_to(tiny.solution if target == "solution" else tiny.folder / "nowhere")
    with pytest.raises(CourseError, match="a link"):
        contents(tiny)
