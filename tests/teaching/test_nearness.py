"""What an instructor is told of a wrong answer that no misconception explains alone."""

from __future__ import annotations

import math

import pytest
import torch

from grader.teaching.nearness import Nearness, distance, nearest

FAR = Nearness(0, 1.0)


@pytest.mark.parametrize(
    ("one", "other", "off"),
    [
        pytest.param(torch.tensor([3.0, 4.0]), torch.tensor([3.0, 4.0]), 0.0, id="alike"),
        pytest.param(torch.tensor([0.0, 4.0]), torch.tensor([3.0, 4.0]), 0.6, id="a tensor"),
        pytest.param({"a": [1.0], "b": "x"}, {"a": [2.0], "b": "x"}, 0.5, id="a tree"),
        pytest.param([torch.tensor([1 + 0j]), None], [torch.tensor([1 + 1j]), None], 0.5**0.5, id="complex numbers"),
        pytest.param(torch.zeros(2), torch.zeros(3), math.inf, id="another shape"),
        pytest.param([1.0], [1.0, 2.0], math.inf, id="another length"),
        pytest.param({"a": 1.0}, {"b": 1.0}, math.inf, id="other keys"),
        pytest.param("x", "y", math.inf, id="no numbers"),
        pytest.param(("ValueError",), 1.0, math.inf, id="an exception"),
        pytest.param(math.nan, 1.0, math.inf, id="NaN"),
        pytest.param(1.0, 0.0, math.inf, id="nothing to be off from"),
        pytest.param(10**400, 1.0, math.inf, id="a number beyond any float"),
    ],
)
def test_how_far_one_answer_is_off_another(one, other, off):
    assert distance(one, other) == pytest.approx(off)


@pytest.mark.parametrize(
    ("found", "solution", "said"),
    [
        pytest.param({}, FAR, "", id="no misconception of this part"),
        pytest.param({"a": Nearness(0)}, FAR, "", id="nothing alike"),
        pytest.param({"a": Nearness(1), "b": Nearness(2)}, FAR, "b (2 of 3 calls alike)", id="some calls"),
        pytest.param({"a": Nearness(1, 0.9)}, Nearness(1, 0.9), "", id="as the solution"),
        pytest.param({"a": Nearness(0, 0.001)}, Nearness(1, 0.9), "", id="fewer calls than the solution"),
        pytest.param(
            {"a": Nearness(0, 0.3), "b": Nearness(0, 0.02)}, FAR, "b (off by 2 %, the solution by 100 %)", id="off"
        ),
        pytest.param(
            {"a": Nearness(1, 0.0031)},
            Nearness(1, 40.0),
            "a (1 of 3 calls alike, then off by 0.31 %, the solution by 4,000 %)",
            id="alike, then off",
        ),
        pytest.param({"a": Nearness(0, 0.2)}, FAR, "", id="not much nearer than the solution"),
        pytest.param({"a": Nearness(0, 2.0)}, Nearness(0, 90.0), "", id="off by more than the answer itself"),
        pytest.param(
            {"a": Nearness(3), "b": Nearness(2), "c": Nearness(3)}, FAR, "a, c (each answers so)", id="several"
        ),
        pytest.param(dict.fromkeys("abcde", Nearness(3)), FAR, "a, b, c, … (each answers so)", id="many"),
    ],
)
def test_what_comes_nearest_is_told_if_it_is_near(found, solution, said):
    assert nearest(found, solution, 3, "en") == said


def test_it_is_told_in_the_language_of_the_run():
    assert nearest({"a": Nearness(1)}, FAR, 2, "zh") == "a（2 次调用中 1 次相同）"
