import pytest

from grader_html.slug import slug, slugs

HARD = [
    "..",
    "../../etc/passwd",
    "a/b",
    "a\\b",
    "con",
    "CON",
    "index",
    ".hidden",
    "a b",
    "",
    " ",
    "\x00",
    "ren\udce9",
    "x" * 300,
    "李" * 300,
]


@pytest.mark.parametrize("name", ["ada", "ada-lovelace", "li_lei", "李雷", "s12345"])
def test_a_harmless_name_stays(name):
    assert slug(name) == name


@pytest.mark.parametrize("name", HARD)
def test_a_hard_name_becomes_a_harmless_one(name):
    made = slug(name)
    assert made.replace("-", "").replace("_", "").isalnum()
    assert made != name.lower()
    assert len(f"{made}.html".encode()) < 200


def test_names_that_look_alike_keep_apart_also_where_case_is_lost():
    names = ["ada", "Ada", "ADA", "a/da", "a-da", "e\u0301", "\u00e9"]
    assert len({made.casefold() for made in slugs(names)}) == len(names)


def test_the_same_name_twice_gets_a_number():
    assert slugs(["ada", "ben", "ada", "ada"]) == ["ada", "ben", "ada-2", "ada-3"]


def test_a_number_never_hits_a_name_that_is_there():
    assert len(set(slugs(["ada", "ada-2", "ada"]))) == 3
