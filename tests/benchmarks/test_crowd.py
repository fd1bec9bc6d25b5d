"""The crowd of a soak is the same every time, and each of it is executed."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from benchmarks.crowd import SLOW, course, drawn, hand_in, kinds
from grader.redteam.attack import corpus


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    return course(tmp_path_factory.mktemp("course"))


def test_a_tenth_is_hostile_and_only_in_the_disturbed_inbox(assignment, tmp_path):
    crowd = hand_in(assignment, drawn(3), tmp_path / "everyone", tmp_path / "undisturbed")
    assert (crowd.size, len(crowd.hostile)) == (30, 3)
    assert len([*(tmp_path / "everyone").iterdir()]) == 30
    assert {path.stem for path in (tmp_path / "undisturbed").iterdir()} == set(crowd.honest)


def test_no_two_students_of_a_kind_hand_in_the_same(assignment):
    for kind in kinds(assignment):
        assert kind.of(1) != kind.of(2)


def test_the_notebooks_can_be_read(assignment):
    (notebook,) = [kind for kind in kinds(assignment) if kind.suffix == ".ipynb"]
    assert json.loads(notebook.of(7))["cells"][-1]["source"] == "# 7"


def test_there_is_something_to_get_around(assignment):
    assert assignment.parts[0].forbidden == ("torch.lerp", "torch.nn.functional.pad")


def test_the_same_attacks_are_drawn_every_time():
    assert drawn(20) == drawn(40)[:20]


def test_no_attack_comes_again_before_all_have_come():
    every = len(corpus()) - len(SLOW)
    assert set(Counter(attack.name for attack in drawn(every)).values()) == {1}
    assert drawn(every + 1)[-1] == drawn(1)[0]


def test_the_attacks_that_are_left_out_exist():
    assert {attack.name for attack in corpus()} >= SLOW
