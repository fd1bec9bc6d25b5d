"""An attack's text is put after a base, and takes over the names that it is given."""

from __future__ import annotations

from typing import Any

import pytest

from grader.redteam.dress import MARK, Base, dressed, on_solution, on_stub

BASE = """
def double(x):
    return 2 * x


class Scaler:
    factor = 3

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x

    def name(self):
        return "honest"


class Unwritten:
    def __init__(self, factor):
        raise NotImplementedError

    def __call__(self, x):
        raise NotImplementedError


class Refusing:
    def __init__(self, factor):
        raise ValueError
"""
NEGATES = "def attack(honest, *args, **kwargs):\n    return -honest(*args, **kwargs)\n"
ANSWERS = "def attack(honest, *args, **kwargs):\n    return 'mine', args\n"


def run(attack: str, *names: str, forbidden: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the module of an attack on these names comes to hold."""
    scope: dict[str, Any] = {}
    exec(dressed(attack, Base(BASE, names, works=True), forbidden), scope)
    return scope


def test_a_function_is_taken_over_and_the_honest_one_given():
    assert run(NEGATES, "double")["double"](4) == -8


def test_what_is_not_named_stays_honest():
    there = run(NEGATES, "Scaler")
    assert there["double"](4) == 8
    assert there["Unwritten"].__init__.__name__ == "__init__"


def test_every_method_of_a_class_is_taken_over_with_its_object_bound():
    scaler = run(ANSWERS, "Scaler")["Scaler"](5)
    assert scaler.factor == 5
    assert scaler(2) == ("mine", (2,))
    assert scaler.name() == ("mine", ())
    assert run(NEGATES, "Scaler")["Scaler"](5)(2) == -10


def test_one_method_is_taken_over_alone():
    scaler = run(ANSWERS, "Scaler.__call__")["Scaler"](5)
    assert scaler(2) == ("mine", (2,))
    assert scaler.name() == "honest"


def test_an_object_that_nobody_wrote_can_be_made_to_answer():
    made = run(ANSWERS, "Unwritten")["Unwritten"](factor=5)
    assert made.factor == 5
    assert made(2) == ("mine", (2,))


def test_what_refuses_to_be_made_goes_on_refusing():
    with pytest.raises(ValueError, match=r"^$"):
        run(ANSWERS, "Refusing")["Refusing"](5)


def test_text_without_an_attack_takes_nothing_over():
    assert run("changed = True\n", "double", "Scaler")["double"](4) == 8


def test_an_attack_knows_what_is_assigned_and_forbidden_and_its_mark():
    there = run(ANSWERS, "double", forbidden=("torch.lerp",))
    assert (there["ASSIGNED"], there["FORBIDDEN"], there["MARK"]) == (("double",), ("torch.lerp",), MARK)


def test_on_the_stub_every_name_is_taken_over(tiny):
    base = on_stub(tiny)
    assert base.names == ("double", "Scaler")
    assert "NotImplementedError" in base.source
    assert not base.works


def test_on_the_solution_the_first_parts_names_are(tiny):
    base = on_solution(tiny)
    assert base.names == ("double",)
    assert "return twice(x)" in base.source
    assert base.works
