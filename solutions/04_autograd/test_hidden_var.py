"""Hidden checks of part 5: an engine for numbers. Torch is the oracle."""

import probes
import pytest
from expressions import by_torch, expression, plain
from manners import ROUGH

from grader.checks import assert_close, check, grows, require

A = 0  # the first leaf


def agree(candidate, *cases):
    """Demand torch's values and gradients, of some programs and their leaves."""
    answers = candidate.run(probes.numbers, [[program, leaves] for program, leaves in cases])
    expected = [plain(by_torch(program, leaves)) for program, leaves in cases]
    assert_close(answers, expected, name="the list of [value, gradients]", **ROUGH)


@pytest.fixture
def two(positive):
    """Two numbers between 1/2 and 3/2."""
    return positive(2).tolist()


# Only the checks of an operation use it, but for sums: one wrong slope should not cost all the others.


@check("var", points=3)
def test_sums_and_products(candidate, two):
    """Sums, differences, products and quotients have the right values and gradients."""
    agree(candidate, *[([(operation, A, "#1")], two) for operation in ("add", "mul", "sub", "div")])


@check("var", points=2)
def test_powers(candidate, two):
    """Powers have the right values and gradients."""
    agree(candidate, *[([("pow", A, exponent)], two[:1]) for exponent in (3.0, 0.5, -1.0)])


@check("var", points=2)
def test_functions(candidate, two):
    """The exponential, the logarithm and tanh have the right values and gradients."""
    agree(candidate, *[([(operation, A)], two[:1]) for operation in ("exp", "log", "tanh")])


@check("var", points=1)
def test_relu(candidate, two):
    """relu lets through what is above 0, and nothing else: at 0 its slope is 0."""
    agree(candidate, *[([("relu", A), ("add", 2, "#1")], [x, two[1]]) for x in (two[0], -two[0], 0.0)])


@check("var", points=1)
def test_plain_numbers(candidate, two):
    """Plain numbers may stand on either side."""
    x = two[0]  # on both sides, where a swap of slopes does not show
    agree(candidate, *[([(operation, A, x)], [x]) for operation in ("add", "radd", "sub", "mul", "rmul")])


@check("var", points=3)
def test_shared_values(candidate, two):
    """A value that is used in several places collects from all of them before it passes anything on."""
    short = [("add", A, "#1"), ("add", 2, "#0"), ("add", 2, "#3")]
    longer = [("add", A, "#1"), ("add", 2, "#1"), ("add", 3, "#2"), ("add", 2, "#4")]
    agree(candidate, (short, two), (longer, two))


@check("var", points=2)
def test_one_number_twice(candidate, two):
    """A number that an operation takes twice gets both gradients."""
    agree(candidate, *[([(operation, A, "#0")], two[:1]) for operation in ("add", "mul")])


@check("var", points=1)
def test_random_numbers(candidate, positive, rng):
    """Random expressions, in which values are used again."""
    agree(candidate, *[(expression(rng, leaves=3, steps=12), positive(3).tolist()) for _ in range(5)])


@check("var", points=2)
def test_gradients_add_up(candidate, positive):
    """Gradients of leaves add up over backwards, and nothing that lies between adds up."""
    first, second, again = [("add", A, "#1")], [("add", 3, "#2")], []
    answer = candidate.run(probes.numbers_again, [first, second, again], positive(3).tolist())
    assert_close(answer, [[1.0, 1.0, 0.0], [2.0, 2.0, 1.0], [3.0, 3.0, 2.0]], name="the gradients", **ROUGH)


@check("var", points=2)
def test_long_chain(candidate, two):
    """A graph may be 20000 operations deep."""
    answer = candidate.run(probes.long_chain, two[0], length=20_000)
    assert_close(answer, [two[0] + 20_000, 1.0], name="[value, gradient]", **ROUGH)


@check("var", points=1)
def test_work(candidate, two):
    """The work of backward is proportional to the number of nodes, not to the number of paths."""
    depths = [5, 10, 15]
    found = candidate.run(probes.work, two[0], depths)
    require(all(grad > 0 for grad, _ in found), "backward leaves no gradient")
    grows(depths, [count for _, count in found], at_most=1.5, name="the number of calls")
