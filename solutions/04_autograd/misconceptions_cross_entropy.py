"""What students get wrong in part 4, as they would write it: each a Function with one thing replaced."""

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from grader.checks import misconception


def forwards(ctx, logits, target, ignore_index, *, shift=True, mean_all=False, mean=True, save=None):
    """The loss; what is saved is p and target, unless `save` does it."""
    kept = target != ignore_index
    largest = logits.amax(-1, keepdim=True) if shift else 0
    log_p = logits - largest - (logits - largest).exp().sum(-1, keepdim=True).log()
    picked = log_p.gather(1, target.where(kept, 0)[:, None])[:, 0].where(kept, 0)
    (save or saved)(ctx, log_p.exp(), target)
    ctx.ignore_index = ignore_index
    rows = len(target) if mean_all else kept.sum().clamp(min=1)
    return -picked.sum() / (rows if mean else 1)


def saved(ctx, p, target):
    ctx.save_for_backward(p, target)


def backwards(p, target, ignore_index, g, *, all_rows=False, mean_all=False):
    kept = target != ignore_index
    hot = torch.nn.functional.one_hot(target.where(kept, 0), p.shape[1])
    rows = len(target) if mean_all else kept.sum().clamp(min=1)
    grad = (p - hot) * (g / rows)
    return grad if all_rows else grad.where(kept[:, None], 0)


def undone(ctx, g):
    return backwards(*ctx.saved_tensors, ctx.ignore_index, g), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="Multiply the loss by 3 and look at the gradient.",
    fails=["multiple_of_the_loss"],
)
@once_differentiable
def ignores_grad_output(ctx, g):
    p, target = ctx.saved_tensors
    return backwards(p, target, ctx.ignore_index, torch.ones_like(g)), None, None


@misconception(
    replaces="SoftmaxCrossEntropy",
    hint="Try logits of 1000. Which number does exp make of them?",
    fails=["large_logits"],
)
class Overflows(Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        return forwards(ctx, logits, target, ignore_index, shift=False)

    backward = staticmethod(once_differentiable(undone))


@misconception(
    replaces="SoftmaxCrossEntropy",
    hint="A row that is to be ignored: how many rows count?",
    fails=["ignored_rows", "gradient_of_ignored_rows"],
)
class DividesByAllRows(Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        return forwards(ctx, logits, target, ignore_index, mean_all=True)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return backwards(*ctx.saved_tensors, ctx.ignore_index, g, mean_all=True), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="The loss leaves ignored rows out. Look at their rows of your gradient.",
    fails=["gradient_of_ignored_rows"],
)
@once_differentiable
def gradient_of_all_rows(ctx, g):
    return backwards(*ctx.saved_tensors, ctx.ignore_index, g, all_rows=True), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="The loss divides by the number of rows. Does its gradient?",
    fails=["loss_gradient"],
)
@once_differentiable
def gradient_of_the_sum(ctx, g):
    p, target = ctx.saved_tensors
    return backwards(p, target, ctx.ignore_index, g * (target != ctx.ignore_index).sum()), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="Each row of the gradient adds up to 0. What do yours add up to, and which entry is missing?",
    fails=["loss_gradient"],
)
@once_differentiable
def forgets_the_target(ctx, g):
    p, target = ctx.saved_tensors
    return backwards(p, target, ctx.ignore_index, g).where(p < 0, p * (g / len(target))), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="A step against the gradient should make the loss smaller. Look at the sign.",
    fails=["loss_gradient"],
)
@once_differentiable
def gradient_upside_down(ctx, g):
    return backwards(*ctx.saved_tensors, ctx.ignore_index, -g), None, None


@misconception(
    replaces="SoftmaxCrossEntropy",
    hint="The loss of ten copies of a row is that of the row: a mean. Is yours?",
    fails=["loss"],
)
class Sums(Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        return forwards(ctx, logits, target, ignore_index, mean=False)

    backward = staticmethod(once_differentiable(undone))


@misconception(
    replaces="SoftmaxCrossEntropy",
    hint="Memory tools cannot see what you stored. What hangs on your ctx?",
    fails=["own_function"],
)
class TensorsOnCtx(Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        def hang(ctx, p, target):
            ctx.p, ctx.target = p, target

        return forwards(ctx, logits, target, ignore_index, save=hang)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return backwards(ctx.p, ctx.target, ctx.ignore_index, g), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="Backward may run twice. What is in your saved tensor the second time?",
    fails=["backward_twice"],
)
@once_differentiable
def mutates_what_was_saved(ctx, g):
    p, target = ctx.saved_tensors
    kept = target != ctx.ignore_index
    p[torch.arange(len(target))[kept], target[kept]] -= 1
    return p.where(kept[:, None], 0) * (g / kept.sum().clamp(min=1)), None, None


@misconception(
    replaces="SoftmaxCrossEntropy",
    hint="How large is what you save? One tensor of the size of the logits is enough for backward.",
    fails=["saved"],
)
class SavesTooMuch(Function):
    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        def all_of_it(ctx, p, target):
            ctx.save_for_backward(p, target, p.log(), logits)

        return forwards(ctx, logits, target, ignore_index, save=all_of_it)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return backwards(*ctx.saved_tensors[:2], ctx.ignore_index, g), None, None


@misconception(
    replaces="SoftmaxCrossEntropy.backward",
    hint="Ask for a derivative of your gradient. Autograd takes what you saved for constants: may it go through?",
    fails=["second_derivative"],
)
def differentiable_by_mistake(ctx, g):
    return undone(ctx, g)


@misconception(
    replaces="softmax_cross_entropy",
    hint="Whose backward pass is this? Walk from the loss's grad_fn, and look for your Function.",
    fails=["own_function"],
)
def left_to_autograd(logits, target, ignore_index=-100):
    kept = target != ignore_index
    log_p = logits - logits.logsumexp(-1, keepdim=True)
    picked = log_p.gather(1, target.where(kept, 0)[:, None])[:, 0]
    return -picked.where(kept, 0).sum() / kept.sum().clamp(min=1)


@misconception(
    replaces="softmax_cross_entropy",
    hint="Try ignore_index=1. Which rows does your loss leave out?",
    fails=["ignored_rows", "gradient_of_ignored_rows"],
)
def ignores_minus_100_alone(logits, target, ignore_index=-100):
    return Plain.apply(logits, target, -100)


@misconception(
    replaces="softmax_cross_entropy",
    hint="A mean over no rows is NaN in torch. The handout asks for something else.",
    fails=["all_ignored"],
)
def nan_of_nothing(logits, target, ignore_index=-100):
    loss = Plain.apply(logits, target, ignore_index)
    return loss if (target != ignore_index).any() else loss + torch.nan


@misconception(
    replaces="softmax_cross_entropy",
    hint="Print the dtype of the loss for float64 logits.",
    fails=["cross_entropy_manners"],
)
def loss_in_float32(logits, target, ignore_index=-100):
    return Plain.apply(logits, target, ignore_index).float()


@misconception(
    replaces="softmax_cross_entropy",
    hint="In bfloat16 a sum of many small numbers stops growing. In which dtype does your softmax add up?",
    fails=["gpu_loss"],
)
def halves_throughout(logits, target, ignore_index=-100):
    if logits.dtype is torch.bfloat16:
        return Halves.apply(logits, target, ignore_index)
    return Plain.apply(logits, target, ignore_index)


class Plain(Function):
    """The right one."""

    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        return forwards(ctx, logits, target, ignore_index)

    backward = staticmethod(once_differentiable(undone))


class Halves(Function):
    """Adds up one class after another, in the dtype of the logits."""

    @staticmethod
    def forward(ctx, logits, target, ignore_index):
        kept = target != ignore_index
        exps = (logits - logits.amax(-1, keepdim=True)).exp()
        total = torch.zeros_like(exps[:, :1])
        for column in exps.split(1, -1):
            total = total + column
        p = exps / total
        saved(ctx, p, target)
        ctx.ignore_index = ignore_index
        picked = p.gather(1, target.where(kept, 0)[:, None])[:, 0].log().where(kept, 0)
        return -picked.sum() / kept.sum()

    backward = staticmethod(once_differentiable(undone))
