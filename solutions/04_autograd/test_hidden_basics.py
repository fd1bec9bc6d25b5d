"""Hidden checks of part 1: what the tutorial shows."""

import probes
import pytest
import torch
from manners import ROUGH, hold, polite

from grader.checks import assert_close, at_most, check, require


def article(x):
    """The gradient of mean(3 (x + 2)^2), by hand."""
    return 6 * (x + 2) / x.numel()


@check("basics", points=3)
def test_article(candidate, draw):
    """The gradient of the tutorial's first example is right, for tensors of any shape."""
    for x in (draw(2, 2), draw(5), draw()):
        assert_close(candidate.run(probes.value, "article_gradient", x), article(x), **ROUGH)


@check("basics", points=3)
def test_doubling(candidate, draw):
    """Doubling stops at the norm of 1000, and v goes back through all of it."""
    tilted = torch.tensor([0.6, 0.8, 0.0, 0.0], dtype=torch.float64)  # of norm 1
    for x in (0.01 * draw(4), 2000 * draw(4), 1000.5 / 8 * tilted, 250 * tilted):  # the last: exactly 1000 is enough
        v = draw(4)
        factor = 2.0
        while (factor * x).norm() < 1000:
            factor *= 2
        assert_close(candidate.run(probes.value, "doubled", x, v), [factor * x, factor * v], **ROUGH)


# ---- gets_gradient ---------------------------------------------------------------------------------------------


@check("basics", points=2)
def test_leaves(candidate, draw):
    """Leaves that were used get a gradient; what was made of them, and leaves that were not used, do not."""
    answer = candidate.run(probes.leaves_of_a_shared_graph, draw(3), draw(3), draw(3))
    assert_close(answer, [True, False, False, True], name="the list of answers")


@check("basics", points=1)
def test_cut_graph(candidate, draw):
    """Nothing gets a gradient through detach or no_grad, nor what does not require one."""
    answer = candidate.run(probes.leaves_of_a_cut_graph, draw(3), draw(3), draw(3), draw(3))
    assert_close(answer, [False, False, False, True, False], name="the list of answers")


@check("basics", points=1)
def test_small_graphs(candidate, draw):
    """It is right also where y is a leaf itself, is one operation, or has no graph."""
    answer = candidate.run(probes.leaves_of_small_graphs, draw(3), draw(3), draw(3))
    assert_close(answer, [[False, True], [False, True, False], [False, False]], name="the list of answers")


@check("basics", points=1, after=test_leaves)
def test_asks_without_a_trace(candidate, draw):
    """The question puts nothing into any .grad, and the graph can still be gone backward through."""
    a, b = draw(3), draw(3)
    _, untouched, grads = candidate.run(probes.trace_of_the_question, a, b)
    hold(untouched, "a .grad was filled by the question")
    assert_close(grads, [b * (a * b).exp(), a * (a * b).exp()], name="the gradients of a backward after the question")


# ---- descend ---------------------------------------------------------------------------------------------------


def descended(w, A, b, lr, steps):
    """Gradient descent with the gradient by hand."""
    losses = []
    for _ in range(steps):
        losses.append(float((A @ w - b).square().mean()))
        w = w - lr * 2 * A.T @ (A @ w - b) / len(b)
    return w, losses


@pytest.fixture
def bowl(draw):
    """A start and a bowl to go down in."""
    return draw(3), draw(4, 3), draw(4)


@check("basics", points=3)
def test_descent(candidate, bowl):
    """The losses are those of gradient descent, one before each step."""
    _, losses = descended(*bowl, 0.1, 4)
    assert_close(candidate.run(probes.descent, *bowl, lr=0.1, steps=4), losses, name="the losses", **ROUGH)


@check("basics", points=1)
def test_old_gradient(candidate, bowl, draw):
    """A gradient that was there before the call does not count."""
    _, losses = descended(*bowl, 0.1, 2)
    answer = candidate.run(probes.descent, *bowl, lr=0.1, steps=2, stale=10 * draw(3))
    assert_close(answer, losses, name="the losses", **ROUGH)


@check("basics", points=1)
def test_in_place(candidate, bowl):
    """The tensor that was given has moved, and is still a leaf that requires a gradient."""
    there, leaf = candidate.run(probes.end_of_the_descent, *bowl, lr=0.1, steps=3)
    assert_close(there, descended(*bowl, 0.1, 3)[0], name="w after the descent", **ROUGH)
    require(leaf is True, "w is no longer a leaf that requires a gradient")


# ---- frozen_features -------------------------------------------------------------------------------------------


@pytest.fixture
def layers(draw):
    """An input, and the weights of a body and a head."""
    return draw(6, 40), draw(5, 40) / 6, draw(2, 5)


def by_hand(x, W, V):
    """The answer, and the gradient of its squared sum with respect to the head's weight."""
    hidden = (x @ W.T).tanh()
    return [hidden @ V.T, 2 * (hidden @ V.T).T @ hidden]


@check("basics", points=1)
def test_features(candidate, layers):
    """The answer is head(body(x)), and the head gets its gradient."""
    assert_close(candidate.run(probes.features, *layers), by_hand(*layers), **ROUGH)


@check("basics", points=1)
def test_body_is_left_alone(candidate, layers):
    """The body gets no gradient, its parameters are as they were, and gradients are on again afterwards."""
    out, *facts = candidate.run(probes.state_of_the_body, *layers)
    assert_close(out, by_hand(*layers)[0], **ROUGH)
    hold(facts, "the body has a gradient, or its parameters or gradient mode are not as they were")


@check("basics", points=1)
def test_body_keeps_nothing(candidate, layers):
    """Nothing of the body is kept for a backward pass, not even for a moment."""
    out, saved = candidate.run(probes.saved_by_features, *layers)
    assert_close(out, by_hand(*layers)[0], **ROUGH)
    at_most(saved, 2 * 6 * 5 * 8, name="saved bytes")  # twice the head's input; x alone is eight times that
    require(saved > 0, "nothing is kept at all, so the head gets no gradient")


@pytest.mark.careless("dtype", "inputs")
@check("basics", points=1)
def test_basics_manners(candidate, draw):
    """Answers are in the dtype of x, and inputs are as they were."""
    for dtype in (torch.float32, torch.float64):
        x, v = draw(1, dtype=dtype), torch.ones(1, dtype=dtype)  # where most mistakes in numbers do not show
        answer, after = candidate.run(probes.with_inputs, "article_gradient", x)
        polite(answer, article(x), [x], after)
        x = 1000 * x / x.norm()  # doubled once
        answer, after = candidate.run(probes.with_inputs, "doubled", x, v)
        polite(answer, [2 * x, 2 * v], [x, v], after)
