import pytest

from grader.errors import Usage
from grader.teaching.scaffold.naming import named

TAKEN = ("01_ddp", "03_adamw")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Linear attention", "linear_attention"),
        ("  Two\n lines ", "two_lines"),
        ("Robbins-Monro, and what came after", "robbins_monro_and_what_came_after"),
        ("Schrödinger's équation", "schrodingers_equation"),
    ],
)
def test_an_assignment_is_named_after_its_title(title, slug):
    naming = named(title, TAKEN)
    assert (naming.folder, naming.module) == (f"04_{slug}", slug)


def test_the_title_is_one_line():
    assert named("  Two\n lines ", ()).title == "Two lines"


def test_the_first_one_has_the_number_1():
    assert named("Attention", ()).folder == "01_attention"


def test_what_is_said_is_taken():
    naming = named("注意力", TAKEN, title_zh="注意", number=12, slug="attention", module="attend")
    assert (naming.title_zh, naming.folder, naming.module) == ("注意", "12_attention", "attend")


def test_without_a_chinese_title_the_title_is_both():
    assert named("Attention", ()).title_zh == "Attention"


@pytest.mark.parametrize(
    ("title", "said", "problem", "step"),
    [
        ("随机逼近", {}, "not in the letters a to z", 'grader new "随机逼近" --slug'),
        ("线性 attention", {}, "not in the letters a to z", "--slug"),
        ("", {}, "the title is empty", "in quotes"),
        ("bell \a", {}, "the title is empty, or not text", "in quotes"),
        ("!?", {}, "no folder can be named after", "--slug"),
        ("Attention", {"slug": "Attention"}, "--slug Attention", "lower-case"),
        ("Attention", {"slug": "../attention"}, "--slug", "lower-case"),
        ("Attention", {"number": 3}, "there is an assignment 3", "leave out --number"),
        ("AdamW", {}, "there is an assignment called 'adamw'", "--slug"),
        ("3D convolution", {}, "'3d_convolution' cannot be imported", "--module"),
        ("Attention", {"module": "a/b"}, "'a/b' cannot be imported", "--module"),
        ("Attention", {"module": "class"}, "'class' cannot be imported", "--module"),
        ("Statistics", {}, "'statistics' would hide another module", "--module statistics_lab"),
    ],
)
def test_what_cannot_be_a_name_is_refused(title, said, problem, step):
    with pytest.raises(Usage) as error:
        named(title, TAKEN, **said)
    assert problem in error.value.problem
    assert step in error.value.step
