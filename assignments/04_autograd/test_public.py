"""The examples of the handout. Run `pytest` or `grader check 4` in this folder. They earn no points."""

import math

import pytest
import torch
from autograd_lab import (
    TensorVar,
    Var,
    accumulate,
    article_gradient,
    checkpoint,
    checkpoint_sequential,
    descend,
    doubled,
    ema_update,
    frozen_features,
    gets_gradient,
    jacobian,
    jvp,
    softmax_cross_entropy,
    ste_round,
    td_loss,
    value_and_grad,
    vjp,
)
from torch import nn
from torch.autograd.graph import saved_tensors_hooks


def tensor(*numbers):
    """A tensor of float64."""
    return torch.tensor(numbers, dtype=torch.float64)


def close(actual, *numbers, what):
    """Compare an answer with numbers, and say what was compared."""
    yours = [round(x, 4) for x in torch.as_tensor(actual).detach().flatten().tolist()]
    assert len(yours) == len(numbers), f"{what}: {len(numbers)} numbers are expected, and yours are {yours}"
    right = all(math.isclose(x, y, rel_tol=1e-3, abs_tol=1e-6) for x, y in zip(yours, numbers, strict=True))
    assert right, f"{what}: {list(numbers)}, and yours: {yours}"


def three(x):
    """The function of two numbers of the handout."""
    return torch.stack([x[0] * x[1], x[0] + x[1], x[1] ** 2])


def linear(*weights):
    """A linear layer of one input and one output, without bias."""
    layer = nn.Linear(len(weights), 1, bias=False).double()
    layer.weight = nn.Parameter(tensor(*weights)[None])
    return layer


def kept_bytes(make):
    """What `make` keeps for backward, and what it makes."""
    kept = {}
    with saved_tensors_hooks(lambda x: kept.setdefault(x.data_ptr(), x), lambda x: x):
        made = make()
    return sum(x.untyped_storage().nbytes() for x in kept.values() if not isinstance(x, nn.Parameter)), made


# ---- part 1: basics --------------------------------------------------------------------------------------------


def test_first_example_of_the_tutorial():
    """The mean of 3 (x + 2)^2 at ones."""
    x = torch.ones(2, 2)
    close(article_gradient(x), 4.5, 4.5, 4.5, 4.5, what="the gradient of a mean of four")
    assert not x.requires_grad, "x was data, and now requires a gradient"


def test_second_example_of_the_tutorial():
    """Doubled until the norm is 1000, and back with v."""
    y, g = doubled(tensor(1.0, 2.0, 2.0), tensor(0.1, 1.0, 0.0001))
    close(y, 512, 1024, 1024, what="3 doubled nine times is 1536")
    close(g, 51.2, 512, 0.0512, what="512 times v")


def test_gets_gradient_of_the_handout():
    """y = a*b + a: the leaves, and not what lies between."""
    a, b, unused = (torch.ones(2, requires_grad=True) for _ in range(3))
    h = a * b
    answer = gets_gradient((h + a).sum(), [a, h, b, unused])
    assert answer == [True, False, True, False], f"[True, False, True, False], and yours: {answer}"
    answer = gets_gradient((a.detach() * b).sum(), [a, b])
    assert answer == [False, True], f"behind detach there is no gradient; yours: {answer}"


def test_descend_of_the_handout():
    """From 1 to 0.5 to 0.25."""
    w = tensor(1.0).requires_grad_()
    close(tensor(*descend(w, lambda w: w.square().sum(), 0.25, 2)), 1, 0.25, what="the losses before each step")
    close(w, 0.25, what="w itself (-0.25: the first gradient counts twice; 1: another tensor has moved)")
    assert (w.is_leaf, w.requires_grad) == (True, True), "w is no leaf that requires a gradient any more"


def test_frozen_features_train_the_head():
    """The head has a gradient, the body has none."""
    body, head = linear(2.0), linear(5.0)
    out = frozen_features(body, head, tensor(3.0)[None])
    out.sum().backward()
    close(out, 30, what="5 times 2 times 3")
    close(head.weight.grad, 6, what="the head's gradient is its input")
    assert body.weight.grad is None, "the body has a gradient"


# ---- part 2: grad ----------------------------------------------------------------------------------------------


def test_value_and_grad_of_the_handout():
    """The sum of squares of 1 and 2, also where gradients are off."""
    x = tensor(1.0, 2.0)
    with torch.no_grad():
        y, g = value_and_grad(lambda x: x.square().sum(), x)
    close(y, 5, what="1 + 4")
    close(g, 2, 4, what="twice x")
    assert (x.grad, x.requires_grad) == (None, False), "x has a gradient now, or requires one"
    _, g = value_and_grad(lambda x: x.detach().sum(), x)
    close(g, 0, 0, what="the gradient of what does not depend on x")


def test_value_and_grad_refuses():
    """A vector has no gradient."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is your own
        value_and_grad(lambda x: x * 2, tensor(1.0, 2.0))


# ---- part 3: vjp -----------------------------------------------------------------------------------------------


def test_vjp_of_the_handout():
    """Squares, and a v with different entries."""
    y, g = vjp(lambda x: x**2, tensor(1.0, 2.0, 3.0), tensor(1.0, 0.0, 10.0))
    close(y, 1, 4, 9, what="the squares")
    close(g, 2, 0, 60, what="2 x v")
    with pytest.raises(ValueError):  # noqa: PT011
        vjp(lambda x: x**2, tensor(1.0, 2.0, 3.0), tensor(1.0))


def test_jacobian_of_the_handout():
    """Three rows, two columns."""
    J = jacobian(three, tensor(2.0, 3.0))
    assert J.shape == (3, 2), f"three outputs and two inputs; yours is {tuple(J.shape)}"
    close(J, 3, 2, 1, 1, 0, 6, what="row by row")


# ---- part 4: cross_entropy -------------------------------------------------------------------------------------


def test_cross_entropy_of_the_handout():
    """The probabilities 1/4 and 3/4."""
    logits = tensor(0.0, math.log(3))[None].requires_grad_()
    loss = softmax_cross_entropy(logits, torch.tensor([1]))
    close(loss, math.log(4 / 3), what="minus the logarithm of 3/4")
    (3 * loss).backward()
    close(logits.grad, 0.75, -0.75, what="three times (0.25, -0.25)")


def test_cross_entropy_ignores_rows():
    """A row to be ignored, and nothing but such rows."""
    logits = tensor(0.0, math.log(3), 5.0, 7.0).reshape(2, 2).requires_grad_()
    loss = softmax_cross_entropy(logits, torch.tensor([1, 0]), ignore_index=0)
    close(loss, math.log(4 / 3), what="the first row alone")
    loss.backward()
    close(logits.grad, 0.25, -0.25, 0, 0, what="the second row has the gradient 0")
    close(softmax_cross_entropy(logits, torch.tensor([-100, -100])), 0, what="no row counts")


def test_cross_entropy_of_large_logits():
    """1000 is no reason for NaN."""
    logits = tensor(1000.0, 1001.0)[None]
    close(softmax_cross_entropy(logits, torch.tensor([1])), 0.3133, what="as with logits 0 and 1")


def test_cross_entropy_against_a_small_step():
    """Autograd's own judge."""
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(4), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: 3.7 * softmax_cross_entropy(x, torch.tensor([0, 2, -100, 1])), logits)


# ---- part 5: var -----------------------------------------------------------------------------------------------


def test_var_of_the_handout():
    """y = a*b + a, once and again."""
    a, b = Var(2.0), Var(-3.0)
    y = a * b + a
    y.backward()
    close(tensor(y.data, a.grad, b.grad), -4, -2, 2, what="y and the gradients of a and b")
    y.backward()
    close(tensor(a.grad, b.grad), -4, 4, what="twice the gradients, after the second backward")


def test_var_does_not_accumulate_between():
    """x*x + x: 5, then 10."""
    x = Var(2.0)
    y = x * x + x
    y.backward()
    close(x.grad, 5, what="2 x + 1")
    y.backward()
    close(x.grad, 10, what="twice that (14: something between has kept its gradient)")


@pytest.mark.parametrize(
    ("what", "make", "slope"),
    [
        ("x to the power of 3", lambda x: x**3, 12.0),
        ("1 / x", lambda x: 1 / x, -0.25),
        ("exp", lambda x: x.exp(), math.exp(2)),
        ("log", lambda x: x.log(), 0.5),
        ("tanh", lambda x: x.tanh(), 1 - math.tanh(2) ** 2),
        ("relu of -x", lambda x: (-x).relu(), 0.0),
    ],
)
def test_var_slopes(what, make, slope):
    """The slope of each operation at 2."""
    x = Var(2.0)
    make(x).backward()
    close(x.grad, slope, what=f"the slope of {what} at 2")


def test_var_is_deep():
    """20000 additions, one after another."""
    x = Var(1.0)
    y = x + 0.0
    for _ in range(20_000):
        y = y + 1.0
    y.backward()
    close(x.grad, 1, what="the slope of 20000 additions")


# ---- part 6: jvp -----------------------------------------------------------------------------------------------


def test_jvp_of_the_handout():
    """The Jacobian times (1, 10)."""
    _, moved = jvp(three, tensor(2.0, 3.0), tensor(1.0, 10.0))
    close(moved, 23, 11, 60, what="how the three numbers move")


# ---- part 7: cut -----------------------------------------------------------------------------------------------


def test_ema_of_the_handout():
    """A quarter of the way from 1 to 3."""
    target, source = linear(1.0), linear(3.0)
    weight = target.weight
    ema_update(target, source, 0.75)
    close(weight, 1.5, what="three quarters of 1 and a quarter of 3")
    assert target.weight is weight, "the parameter is another tensor than before"


def test_td_of_the_handout():
    """The label is 3, and does not move."""
    net = linear(1.0)
    loss = td_loss(net, net, tensor(2.0)[None], tensor(4.0)[None], tensor(1.0), 0.5)
    loss.backward()
    close(loss, 1, what="(2 - 3)^2")
    close(net.weight.grad, -4, what="the gradient (0: the label has moved)")


def test_ste_of_the_handout():
    """Rounded, and straight through."""
    x = tensor(1.4, 1.6).requires_grad_()
    y = ste_round(x)
    y.backward(tensor(5.0, 7.0))
    close(y, 1, 2, what="rounded")
    close(x.grad, 5, 7, what="the gradient, as it came")


def test_accumulate_of_the_handout():
    """Three samples in two batches."""
    model = linear(1.0)
    batches = [(tensor(1.0, 2.0)[:, None], torch.zeros(2, 1).double()), (tensor(3.0)[None], torch.zeros(1, 1).double())]
    close(accumulate(model, nn.functional.mse_loss, batches), 14 / 3, what="the mean of 1, 4 and 9")
    close(model.weight.grad, 28 / 3, what="the gradient of that mean")


# ---- part 8: engine --------------------------------------------------------------------------------------------


def test_engine_adds_up_what_was_broadcast():
    """Two rows use one b."""
    b = TensorVar(torch.ones(3), requires_grad=True)
    (TensorVar(torch.ones(2, 3)) * b).sum().backward()
    close(b.grad, 2, 2, 2, what="each entry of b is used twice")


def test_engine_counts_repeated_rows():
    """Row 0 twice, row 1 never, row 2 once."""
    x = TensorVar(torch.zeros(3), requires_grad=True)
    x[torch.tensor([0, 0, 2])].sum().backward()
    close(x.grad, 2, 0, 1, what="how often each row was used")


def test_engine_throws_the_graph_away():
    """A second backward is refused."""
    y = (TensorVar(torch.ones(2), requires_grad=True) * 3.0).sum()
    y.backward()
    with pytest.raises(RuntimeError):
        y.backward()


# ---- part 9: checkpoint ----------------------------------------------------------------------------------------


def test_checkpoint_keeps_its_arguments_alone():
    """2048 bytes and not 51200; the same numbers, Dropout or not."""
    block = nn.Sequential(nn.Linear(32, 256), nn.GELU(), nn.Dropout(0.1), nn.Linear(256, 32))
    x, grads, sizes = torch.randn(16, 32, requires_grad=True), [], []
    for run in (lambda: checkpoint(block, x), lambda: block(x)):
        torch.manual_seed(4)
        size, out = kept_bytes(run)
        torch.rand(1)  # what is drawn between forward and backward should not matter
        grads += torch.autograd.grad(out.sum(), x)
        sizes.append(size)
    assert sizes[0] == 2048, f"2048 bytes are the argument; yours keeps {sizes[0]}"
    assert torch.allclose(*grads), "the gradient is another one than without a checkpoint"


def test_checkpoint_sequential_goes_through_all_layers():
    """16 layers in 4 runs."""
    layers = [linear(2.0) for _ in range(16)]
    x = tensor(1.0)[None].requires_grad_()
    checkpoint_sequential(layers, x, 4).sum().backward()
    close(x.grad, 2**16, what="2 to the power of 16")


# ---- part 10: gpu ----------------------------------------------------------------------------------------------


def test_gpu_bfloat16():
    """On a GPU, or on the CPU where there is none: bfloat16 in, bfloat16 out, and in the same place."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    logits = torch.zeros(4, 7, dtype=torch.bfloat16, device=device, requires_grad=True)
    loss = softmax_cross_entropy(logits, torch.zeros(4, dtype=torch.int64, device=device))
    loss.backward()
    assert (loss.dtype, loss.device) == (logits.dtype, logits.device), f"the loss is {loss.dtype} on {loss.device}"
    close(loss.float(), math.log(7), what="the loss of seven equal classes")
