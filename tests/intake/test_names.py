import unicodedata

import pytest

from grader.intake import limits, names


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada.py", "ada"),
        ("ada.ipynb", "ada"),
        ("ada.zip", "ada"),
        ("ada.tar.gz", "ada"),
        ("ada.TGZ", "ada"),
        ("ada", "ada"),
        ("李雷.py", "李雷"),
        ("ada lovelace (1).py", "ada lovelace (1)"),
        ("ada.lovelace.py", "ada.lovelace"),
        ("ada .py", "ada"),
        (unicodedata.normalize("NFD", "Zoë.py"), unicodedata.normalize("NFC", "Zoë")),
    ],
)
def test_a_file_is_its_students(name, student):
    assert names.student(name) == student


def test_a_folders_name_has_no_ending():
    assert names.student("ada.lovelace", folder=True) == "ada.lovelace"


@pytest.mark.parametrize(
    ("several", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (list("abcde"), "a, b, c and 2 more"),
    ],
)
def test_names_are_listed_as_in_a_sentence(several, text):
    assert names.listed(several) == text


def test_what_a_student_wrote_is_shown_on_one_short_line():
    assert names.shown(" a\n\tb\x1b[31m\u202e c ") == "a b [31m c"
    assert names.shown("x" * 200) == "x" * 79 + "…"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (512 * 1024, "512 kB"), (3 << 29, "1.5 GB"), (1 << 50, "1048576 GB")],
)
def test_a_size_is_written_as_a_person_would(number, text):
    assert limits.size(number) == text


def test_nobody_is_without_a_name():
    assert names.student(" .py") == " .py"
