"""The public checks of assignment 8: the numbers of README.md, and torch's own optimizers. They earn no points."""

import io

import pytest
import torch
from adamw import MasterAdamW, MyAdam, MyAdamW, adam_moments, adam_update_, adamw_foreach_, make_param_groups
from torch import nn

BETAS = (0.9, 0.999)
TORCHS = [pytest.param(MyAdam, torch.optim.Adam, id="MyAdam"), pytest.param(MyAdamW, torch.optim.AdamW, id="MyAdamW")]


def number(x):
    """Return a float64 tensor."""
    return torch.tensor(x, dtype=torch.float64)


def close(actual, expected, what):
    """Compare, and say what was compared."""
    ours, yours = ([round(x, 6) for x in tensor.flatten().tolist()] for tensor in (expected, actual))
    assert torch.allclose(actual, expected, rtol=1e-5, atol=1e-5), f"{what}\nyours: {yours}\nwanted: {ours}"


def drive(optimizer, p, grads):
    """Make a step for each gradient, and return where p was after each."""
    seen = []
    for g in grads:
        p.grad = None if g is None else number(g)
        optimizer.step()
        seen.append(p.detach().clone())
    return torch.stack(seen)


# ---- part 1 ----------------------------------------------------------------------------------------------------


def test_moments_of_two_gradients():
    """The gradients 2 and 4 give the moments of the handout."""
    history = adam_moments([number(2.0), number(4.0)])
    assert len(history) == 2, "one entry for each gradient"
    close(torch.stack(history[0]), number([0.2, 0.004, 2.0, 4.0]), "m, v, m_hat, v_hat at step 1: what is your t?")
    close(torch.stack(history[1]), number([0.58, 0.019996, 3.052632, 10.003002]), "m, v, m_hat, v_hat at step 2")


def test_a_constant_gradient_is_its_own_corrected_average():
    """For a constant gradient m_hat is that gradient and v_hat its square, at every step."""
    g = number([3.0, -0.5])
    for t, (_, _, m_hat, v_hat) in enumerate(adam_moments([g] * 4), start=1):
        close(m_hat, g, f"m_hat at step {t} should be the gradient")
        close(v_hat, g**2, f"v_hat at step {t} should be its square")


# ---- part 2 ----------------------------------------------------------------------------------------------------


def one_update(g, *, eps=1e-8, weight_decay=0.0, decoupled=False):
    """Make the first step of a weight that is 1, and return the weight and m."""
    p, m, v = number(1.0), number(0.0), number(0.0)
    adam_update_(p, number(g), m, v, 1, lr=0.1, betas=BETAS, eps=eps, weight_decay=weight_decay, decoupled=decoupled)
    return p, m


def test_eps_is_added_to_the_corrected_root():
    """eps is added to the root of the corrected average."""
    p, _ = one_update(0.001, eps=0.001)
    close(
        p,
        number(0.95),
        "0.99684: eps is under the root. 0.99693: it is added before the correction. 1: p is not changed",
    )


def test_l2_goes_through_the_moments():
    """With decoupled=False the decay is part of the gradient."""
    p, m = one_update(0.0, weight_decay=0.5)
    close(m, number(0.05), "the L2 term is part of the gradient, so m sees it (0: it does not)")
    close(p, number(0.9), "Adam makes a whole step of lr even of a small L2 term")


def test_decoupled_decay_does_not():
    """With decoupled=True the decay passes by the moments."""
    p, m = one_update(0.0, weight_decay=0.5, decoupled=True)
    close(m, number(0.0), "with decoupled=True, m sees the gradient alone")
    close(p, number(0.95), "with a zero gradient only the factor 1 - lr * weight_decay is left")


def test_the_weight_before_the_step_decays():
    """With decoupled=True it is the weight before the step that decays."""
    p, _ = one_update(1.0, weight_decay=0.5, decoupled=True)
    close(p, number(0.85), "0.855: it was the weight after the step that decayed")


# ---- parts 3 and 6 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mine", "torchs"), TORCHS)
def test_five_steps_agree_with_torch(mine, torchs):
    """Five steps end where torch's own optimizer ends."""
    ends = []
    for kind in (mine, torchs):
        p = nn.Parameter(number(1.0))
        ends.append(drive(kind([p], lr=0.1, weight_decay=0.5), p, [1.0, -2.0, 0.5, 3.0, 0.1]))
    close(*ends, "p after each of five steps: which is the first that differs from torch's?")


def test_a_skipped_parameter_counts_its_own_steps():
    """A parameter whose gradient is None is passed over, and the step does not count."""
    p = nn.Parameter(number(1.0))
    seen = drive(MyAdam([p], lr=0.1), p, [1.0, None, 2.0])
    close(seen, number([0.9, 0.9, 0.803482]), "p after the gradients 1, None, 2")


def test_each_group_has_its_own_rate():
    """Each group has its own lr and weight_decay."""
    a, b = nn.Parameter(number(1.0)), nn.Parameter(number(1.0))
    optimizer = MyAdamW([{"params": [a], "lr": 0.1}, {"params": [b], "weight_decay": 0.0}], lr=0.01, weight_decay=0.5)
    a.grad, b.grad = number(1.0), number(1.0)
    optimizer.step()
    close(torch.stack([a.detach(), b.detach()]), number([0.85, 0.99]), "the two groups after one step")


def test_a_closure_can_call_backward():
    """A closure can call backward, and its loss is returned."""
    p = nn.Parameter(number(1.0))
    optimizer = MyAdam([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p - 3.0) ** 2
        loss.backward()  # needs gradients enabled
        return loss

    loss = optimizer.step(closure)
    assert loss is not None, "step() returns what the closure returned"
    close(loss.detach(), number(4.0), "the loss before the step")
    close(p.detach(), number(1.1), "p after the step")


def test_a_negative_rate_is_refused():
    """A negative lr is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is your own
        MyAdamW([nn.Parameter(torch.ones(2))], lr=-0.1)


def test_amsgrad_maximum():
    """amsgrad takes the maximum of v, and corrects it afterwards."""
    p = nn.Parameter(number(1.0))
    seen = drive(MyAdam([p], lr=0.1, betas=(0.0, 0.5), eps=0.0, amsgrad=True), p, [2.0, 1.0])
    close(seen, number([0.9, 0.838763]), "0.85: the maximum is of the corrected v. 0.8293: there is no maximum")


def test_amsgrad_maximize():
    """maximize goes up, and the decay still shrinks."""
    p = nn.Parameter(number(1.0))
    seen = drive(MyAdamW([p], lr=0.1, weight_decay=0.5, maximize=True), p, [1.0])
    close(seen, number([1.05]), "1.15: the decay was turned round as well")


# ---- part 4 ----------------------------------------------------------------------------------------------------


def test_state_resumes():
    """Saving, loading and going on is like never having stopped."""
    p = nn.Parameter(number(1.0))
    optimizer = MyAdamW([p], lr=0.1)
    drive(optimizer, p, [1.0, -2.0, 0.5])
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    again = nn.Parameter(p.detach().clone())
    resumed = MyAdamW([again])
    resumed.load_state_dict(torch.load(file, weights_only=True))
    ends = drive(optimizer, p, [3.0, 0.1]), drive(resumed, again, [3.0, 0.1])
    close(ends[1], ends[0], "what does your optimizer remember that is not in self.state or self.param_groups?")


def test_state_names():
    """The state has torch's names, and step is a tensor."""
    p = nn.Parameter(number(1.0))
    optimizer = MyAdamW([p])
    drive(optimizer, p, [1.0])
    state = optimizer.state_dict()["state"].get(0, {})
    assert {"step", "exp_avg", "exp_avg_sq"} <= state.keys(), f"the state has {sorted(state)}"
    assert torch.is_tensor(state["step"]), "step is a tensor, not a number"
    assert (state["step"].dtype, state["step"].ndim) == (torch.float32, 0), "step is float32, with no axis"


# ---- part 5 ----------------------------------------------------------------------------------------------------


def test_each_trained_parameter_is_in_one_group():
    """Each trained parameter is in one group, once."""
    model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 5, bias=False))
    model[3].weight = model[0].weight  # tied
    model[1].weight.requires_grad_(False)
    decay, rest = make_param_groups(model, 0.1)
    names = {id(p): name for name, p in model.named_parameters()}
    assert [names[id(p)] for p in decay["params"]] == ["0.weight"], (
        "the shared matrix, once, and nothing that is frozen"
    )
    assert sorted(names[id(p)] for p in rest["params"]) == ["1.bias", "2.bias", "2.weight"], "biases and norms"
    assert (decay["weight_decay"], rest["weight_decay"]) == (0.1, 0.0)


# ---- parts 7 and 8 ---------------------------------------------------------------------------------------------


def test_foreach_counts_for_each_tensor():
    """Each tensor has its own step count."""
    params, grads = [number([1.0]), number([1.0])], [number([1.0]), number([1.0])]
    averages, squares = [number([0.0]), number([0.9])], [number([0.0]), number([0.9])]
    steps = [torch.tensor(0.0), torch.tensor(9.0)]
    adamw_foreach_(params, grads, averages, squares, steps, lr=0.1, betas=(0.5, 0.5), eps=0.0, weight_decay=0.0)
    assert [float(s) for s in steps] == [1.0, 10.0], "each count goes up by 1, in place"
    close(params[0], number([0.9]), "a first step is lr")
    m = v = 0.95 / (1 - 0.5**10)
    close(params[1], number([1 - 0.1 * m / v**0.5]), "a tenth step has the correction of a tenth step")


def test_small_steps_add_up_in_bfloat16():
    """A hundred steps of 0.001 add up in bfloat16."""
    p = nn.Parameter(torch.ones(3, dtype=torch.bfloat16))
    optimizer = MasterAdamW([p], lr=0.001, weight_decay=0.0)
    for _ in range(100):
        p.grad = torch.ones_like(p)
        optimizer.step()
    assert p.dtype == torch.bfloat16
    moved = 1 - p.detach().float()
    assert bool(((moved - 0.1).abs() < 0.01).all()), "a hundred steps of 0.001 are 0.1; in bfloat16, 1 - 0.001 is 1"
