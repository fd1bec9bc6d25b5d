"""What students get wrong in part 1, as they would write it: descent, and a head on a frozen body."""

import torch

from grader.checks import misconception

# ---- descend ---------------------------------------------------------------------------------------------------


def going_down(w, loss_of, lr, steps, *, first=True, between=True, after=False):
    losses = []
    for i in range(steps):
        if between if i else first:
            w.grad = None
        loss = loss_of(w)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        losses.append(float(loss_of(w) if after else loss))
    return losses


@misconception(
    replaces="descend",
    hint="Print w.grad after each backward of a bowl that hardly moves. Does it keep growing?",
    fails=["descent"],
)
def never_zeroes(w, loss_of, lr, steps):
    return going_down(w, loss_of, lr, steps, first=False, between=False)


@misconception(
    replaces="descend",
    hint="What is in w.grad before your first backward? The caller may have left something there.",
    fails=["old_gradient"],
)
def zeroes_after_the_step(w, loss_of, lr, steps):
    return going_down(w, loss_of, lr, steps, first=False)


@misconception(
    replaces="descend",
    hint="The first loss in the list is that of the w that you were given.",
    fails=["descent"],
)
def losses_after_the_step(w, loss_of, lr, steps):
    return going_down(w, loss_of, lr, steps, after=True)


@misconception(
    replaces="descend",
    hint="Is the tensor that moved the caller's? An assignment to w gives the name to another one.",
    fails=["in_place"],
)
def moves_a_copy(w, loss_of, lr, steps):
    return going_down(w.detach().clone().requires_grad_(), loss_of, lr, steps)


@misconception(
    replaces="descend",
    hint="A leaf that requires a gradient may not be changed in place while the change is being recorded.",
    fails=["descent"],
)
def records_the_step(w, loss_of, lr, steps):
    w.grad = None
    losses = []
    for _ in range(steps):
        loss = loss_of(w)
        loss.backward()
        w -= lr * w.grad
        losses.append(loss.item())
    return losses


@misconception(
    replaces="descend",
    hint="After one step, is w still a leaf? Look at w.is_leaf, and at the .grad of what is none.",
    fails=["descent"],
)
def steps_off_the_leaf(w, loss_of, lr, steps):
    losses = []
    w.grad = None
    for step in range(steps):
        loss = loss_of(w)
        loss.backward()
        losses.append(loss.item())
        w = w - lr * (w.grad if step == 0 else None)  # a tensor that is no leaf has none
    return losses


@misconception(
    replaces="descend",
    hint="The gradient points uphill. Do your losses go down?",
    fails=["descent"],
)
def goes_uphill(w, loss_of, lr, steps):
    return going_down(w, loss_of, -lr, steps)


# ---- frozen_features -------------------------------------------------------------------------------------------


@misconception(
    replaces="frozen_features",
    hint="Look at the .grad of the body's parameters after backward. Who let gradients in there?",
    fails=["body_is_left_alone"],
)
def trains_the_body(body, head, x):
    return head(body(x))


@misconception(
    replaces="frozen_features",
    hint="detach cuts a graph that has already been made. When was it made, and what did it keep until then?",
    fails=["body_keeps_nothing"],
)
def detaches_the_features(body, head, x):
    features = body(x)
    return head(features.detach())


@misconception(
    replaces="frozen_features",
    hint="Whose parameters have you changed? After your call the body should still be one that can be trained.",
    fails=["body_is_left_alone"],
)
def freezes_the_parameters(body, head, x):
    body.requires_grad_(False)
    return head(body(x))


@misconception(
    replaces="frozen_features",
    hint="Which of the two networks is to learn? Look at requires_grad of your answer.",
    fails=["features"],
)
def freezes_both(body, head, x):
    with torch.no_grad():
        return head(body(x))


@misconception(
    replaces="frozen_features",
    hint="Print torch.is_grad_enabled() after your call. A context manager turns it on again by itself.",
    fails=["body_is_left_alone"],
)
def leaves_gradients_off(body, head, x):
    torch.set_grad_enabled(False)
    features = body(x)
    torch.set_grad_enabled(True)
    out = head(features)
    torch.set_grad_enabled(False)
    return out
