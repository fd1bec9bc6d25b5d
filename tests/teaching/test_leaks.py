"""A hidden value is found in a text in whatever form it was printed, and what says nothing is left alone."""

import numpy as np
import pytest
import torch

from grader.teaching import leaks
from grader.teaching.leaks import Hidden, Named

NOTHING = Named("")
VALUE = -0.45273618
TENSOR = torch.tensor([1.5, VALUE, 2.25], dtype=torch.float64)


@pytest.mark.parametrize(
    "text",
    [
        f"it was {VALUE!r}",
        f"it was {VALUE:g}",
        f"it was {VALUE:.3f}",
        f"it was {VALUE:.4f}",
        f"it was {VALUE:.6g}",
        f"it was {VALUE:.3e}",
        f"it was {TENSOR}",
        f"it was {TENSOR.float()}",
        f"it was {TENSOR.numpy()}",
        f"it was {TENSOR.tolist()}",
        "cut off: 0.4527",
        "in_a_name0.4527x",
    ],
)
def test_a_number_is_found_in_every_form(text):
    assert Hidden([[TENSOR], {}]).found_in(text, NOTHING)


@pytest.mark.parametrize(
    "tree",
    [
        0.45273618,
        [("a", {"deep": [VALUE]})],
        TENSOR.float(),
        TENSOR.numpy(),
        torch.complex(torch.zeros(2, dtype=torch.float64), TENSOR[1:]),
        complex(0, VALUE),
        torch.full((1000,), VALUE).reshape(10, 100),
    ],
    ids=lambda tree: type(tree).__name__,
)
def test_a_number_is_found_wherever_it_was_hidden(tree):
    assert Hidden([tree]).found_in("it was 0.4527", NOTHING) == "0.4527"


@pytest.mark.parametrize(
    "text",
    [
        "the answer differs from what is expected everywhere",
        "it was 0.45",  # two digits say too little
        "it was 0.4500",
        "it was 0.4530",  # another number
        "it was 0.45276",
        "tiny.py, line 452",
        "double() ended the process (exit status 139)",
        "double() used more than 1024 MB of memory",
        "double() took longer than 12.5 s",
    ],
)
def test_what_says_nothing_of_a_number_is_left_alone(text):
    assert Hidden([TENSOR, 452, 139, 1024, 12.5]).found_in(text, NOTHING) is None


def test_a_whole_number_stands_for_itself_alone():
    hidden = Hidden([torch.tensor([128, 300]), 451.7])
    assert hidden.found_in("of size 128", NOTHING) == "128"
    assert hidden.found_in("of size 300", NOTHING) is None  # one digit and zeros
    assert hidden.found_in("of size 452", NOTHING) is None


def test_a_string_is_found_if_it_is_long_enough_to_tell_something():
    hidden = Hidden([["the", "swordfish"]])
    assert hidden.found_in("it is the swordfish, then", NOTHING) == "swordfish"
    assert hidden.found_in("it is the other", NOTHING) is None


def test_what_the_handout_names_gives_nothing_away():
    named = Named("beta2 is 0.999, eps 1.25e-8, mode 'nesterov', and n is 128.")
    hidden = Hidden([{"betas": (0.9, 0.999), "eps": 1.25e-8, "mode": "nesterov", "n": 128, "lr": 0.0123}])
    assert hidden.found_in("0.999 and 1.25e-08 and nesterov and 128", named) is None
    assert hidden.found_in("0.999 and 0.0123", named) == "0.0123"


@pytest.mark.parametrize(
    "tree",
    [None, True, b"1234", 10**400, torch.float64, torch.device("cpu"), torch.tensor([True]), float("nan"), [], {}],
    ids=str,
)
def test_what_is_no_number_hides_none(tree):
    assert Hidden([tree]).found_in("1234 and 0.4527", NOTHING) is None


def test_of_very_many_numbers_the_same_evenly_spaced_ones_are_looked_at(monkeypatch):
    monkeypatch.setattr(leaks, "MOST_NUMBERS", 100)
    every = np.arange(1000) + 0.125
    looked_at = Hidden([every]).numbers
    assert len(looked_at) == 100
    assert list(looked_at) == list(Hidden([every]).numbers)
    assert Hidden([every]).found_in("770.125", NOTHING) == "770.125"


@pytest.mark.parametrize("text", ["9e999", "1e-999", "9.87e400 and 0e999"])
def test_a_number_beyond_any_float_is_looked_up_like_others(text: str):
    assert Hidden([torch.rand(3)]).found_in(text, Named("")) is None
