"""How the hidden checks of this assignment draw their inputs: words and orders, without a tensor."""

import random
import string

import pytest

LENGTH = 6


@pytest.fixture
def chance(rng):
    """Python's own generator, from the seed of torch's."""
    return random.Random(rng.initial_seed())


@pytest.fixture
def words(chance):
    """Draw so many different names that are no keywords and stand for nothing, in no order."""

    def draw(number):
        drawn = set()
        while len(drawn) < number:
            drawn.add("".join(chance.choices(string.ascii_lowercase, k=LENGTH)) + "_")
        return chance.sample(sorted(drawn), number)

    return draw
