"""Hidden checks of part 8: an engine for tensors. Torch is the oracle, and is off while the engine runs."""

import probes
import pytest
import torch
from expressions import SHAPES, by_torch, expression
from manners import ROUGH

from grader.checks import assert_close, check, require


def agree(candidate, *cases, **tolerance):
    """Demand torch's values and gradients of some programs, for gradients from above that are not all one."""
    cases = [[program, leaves, above(program, leaves)] for program, leaves in cases]
    expected = [list(by_torch(*case)) for case in cases]
    assert_close(
        candidate.run(probes.arrays, cases), expected, name="the list of [value, gradients]", **(tolerance or ROUGH)
    )


def above(program, leaves):
    """A gradient that could come from above."""
    y = probes.evaluated(program, leaves)[-1]
    return torch.cos(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)


@check("engine", points=1)
def test_elementwise(candidate, positive):
    """Elementwise operations on equal shapes have the right values and gradients."""
    two = [positive(2, 3), positive(2, 3)]
    binary = [([(operation, 0, "#1")], two) for operation in ("add", "mul", "div")]
    unary = [([(operation, 0)], two[:1]) for operation in ("exp", "log", "tanh")]
    agree(candidate, *binary, *unary, ([("pow", 0, 3.0)], two[:1]))


@check("engine", points=1)
def test_broadcast(candidate, positive):
    """What was broadcast has a gradient of its own shape."""
    pairs = ((3, 4), (4,)), ((3, 4), (3, 1)), ((1, 4), (3, 1)), ((), (2, 2))
    leaves = [[positive(*one), positive(*other)] for one, other in pairs]
    agree(candidate, *[([(operation, 0, "#1")], two) for two in leaves for operation in ("add", "mul")])


@check("engine", points=1)
def test_matmul(candidate, draw):
    """Products of matrices have the right gradients, also in batches that are broadcast."""
    pairs = ((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 2))
    agree(candidate, *[([("matmul", 0, "#1")], [draw(*one), draw(*other)]) for one, other in pairs])


@check("engine", points=0.25)
def test_relu_at_zero(candidate, draw):
    """relu lets through what is above 0, and nothing at 0."""
    x = draw(3, 4)
    x[0] = 0
    agree(candidate, ([("relu", 0)], [x]))


@check("engine", points=0.5)
def test_reductions(candidate, draw):
    """Sums and means over one axis or over all, kept or not."""
    ways = [(0,), *((dim, keepdim) for dim in (1, -1) for keepdim in (False, True))]
    sums = [([("sum", 0, way)], [draw(3, 4)]) for way in ways]
    means = [([("mean", 0, way)], [draw(2, 3, 4)]) for way in ((), (1,), (1, True))]
    agree(candidate, *sums, ([("sum", 0, ())], [draw(3, 4)]), *means)


@check("engine", points=0.5)
def test_shapes(candidate, draw):
    """Numbers that were moved to another place or shape get their gradients back where they were."""
    moves = ("reshape", (4, 6)), ("transpose", (0, 2)), ("index", 1), ("index", -1), ("rows", (1, 3))
    agree(candidate, *[([(operation, 0, operand)], [draw(4, 3, 2)]) for operation, operand in moves])


@check("engine", points=0.5)
def test_repeated_rows(candidate, draw):
    """A row that an index names twice gets both gradients."""
    agree(candidate, ([("index", 0, torch.tensor([0, 0, 2, 0]))], [draw(4, 3)]))


@check("engine", points=0.5)
def test_numbers_in_float64(candidate, positive):
    """Plain numbers on either side are as precise as the tensor that they meet."""
    x = positive(3)
    operations = ("add", "rsub", "mul", "rdiv")
    agree(candidate, *[([(operation, 0, 1000.1)], [x]) for operation in operations], rtol=1e-12, atol=1e-12)


@check("engine", points=0.5)
def test_random_expressions(candidate, positive, rng):
    """Random expressions over five shapes, in which values are used again."""
    leaves = [[positive(*shape) for shape in SHAPES] for _ in range(5)]
    agree(candidate, *[(expression(rng, leaves=5, steps=12), five) for five in leaves])


@check("engine", points=0.5)
def test_arrays_add_up(candidate, positive):
    """Gradients of leaves add up over backwards, and nothing that lies between adds up."""
    first, second, again = [("mul", 0, "#1"), ("tanh", 2), ("sum", 3, ())], [("mul", 2, "#3"), ("sum", 5, ())], []
    leaves = [positive(3), positive(3)]
    answer = candidate.run(probes.arrays_again, [first, second, again], leaves)
    (_, once), (_, twice) = by_torch(first, leaves), by_torch(first + second, leaves)
    sums = [[x + n * y for x, y in zip(once, twice, strict=True)] for n in (0, 1, 2)]
    assert_close(answer, sums, name="the gradients", **ROUGH)


@check("engine", points=0.5)
def test_deep(candidate, positive):
    """A graph may be 5000 operations deep."""
    answer = candidate.run(probes.long_chain_of_arrays, positive(2), length=5000)
    assert_close(answer, torch.ones(2, dtype=torch.float64), name="the gradient", **ROUGH)


@check("engine", points=0.5, after=test_elementwise)
def test_graph_is_thrown_away(candidate, positive):
    """After backward the graph is gone: its memory is free, and another backward is refused."""
    grad, gone, _ = candidate.run(probes.memory_of_the_graph, positive(3))
    assert_close(grad, torch.full((3,), 6.0, dtype=torch.float64), name="the gradient", **ROUGH)
    require(gone is True, "a value on the way is still in memory after backward")
    candidate.raises(RuntimeError, probes.backward_twice, positive(3))


@check("engine", points=0.25, after=test_elementwise)
@pytest.mark.parametrize(("how", "error"), [("scalar", RuntimeError), ("graph", RuntimeError), ("shape", ValueError)])
def test_backward_refuses(candidate, positive, how, error):
    """What has no gradient to begin with, no graph, or a gradient of another shape, is refused."""
    candidate.raises(error, probes.refused, positive(3), how)


@pytest.mark.careless("inputs")
@check("engine", points=0.25, after=test_elementwise)
def test_given_gradient(candidate, draw):
    """The gradient that is given to backward is as it was afterwards."""
    x, grad = draw(3), draw(3)
    found, after = candidate.run(probes.given_gradient, x, grad)
    assert_close(after, grad, name="the gradient that was given")
    assert_close(found, 2 * grad, name="the gradient of the leaf", **ROUGH)


@check("engine", points=0.25)
def test_what_is_recorded(candidate, positive):
    """Constants, and what is made within no_grad, get no gradient, and recording goes on afterwards."""
    a, b = positive(3), positive(3)
    grad, none, wants = candidate.run(probes.constant_and_leaf, a, b)
    assert_close([grad, none, wants], [b, None, [True, False, False]], name="what meets a constant", **ROUGH)
    grad, wants = candidate.run(probes.recorded_within, a)
    assert_close([grad, wants], [3 * a, [False, False, True]], name="what is made within no_grad", **ROUGH)
