"""What students get wrong in part 9, as they would write it."""

import torch
from torch import nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from grader.checks import misconception


class Again(Function):
    """The right way, with what is in `how` replaced."""

    @staticmethod
    def forward(ctx, _spark, how, fn, *args):
        ctx.how, ctx.fn, ctx.rng = how, fn, torch.get_rng_state()
        ctx.others = [None if isinstance(x, torch.Tensor) else x for x in args]
        ctx.places = [i for i, x in enumerate(args) if isinstance(x, torch.Tensor)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        if how.get("tries_first"):
            fn(*args)
            torch.set_rng_state(ctx.rng)
        return fn(*args)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        args, state = list(ctx.others), torch.get_rng_state()
        for i, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[i] = x.detach().requires_grad_(x.requires_grad)
        if ctx.how.get("rng", True):
            torch.set_rng_state(ctx.rng)
        with torch.enable_grad():
            out = ctx.fn(*args)
        if ctx.how.get("restore", True):
            torch.set_rng_state(state)
        if ctx.how.get("arguments_alone"):
            leaves = [args[i] for i in ctx.places if args[i].requires_grad]
            for leaf, grad in zip(leaves, torch.autograd.grad(out, leaves, g) if leaves else (), strict=True):
                leaf.grad = grad
        elif out.requires_grad:
            out.backward(torch.ones_like(g) if ctx.how.get("ones") else g)
        grads = [x.grad if isinstance(x, torch.Tensor) else None for x in args]
        return None, None, None, *grads


def checkpointed(fn, args, *, spark=True, **how):
    return Again.apply(torch.empty(0, requires_grad=spark), how, fn, *args)


@misconception(
    replaces="checkpoint",
    hint="Is the second forward the same function?",
    fails=["same_random_numbers"],
)
def ckpt_no_rng(fn, *args):
    return checkpointed(fn, args, rng=False)


@misconception(
    replaces="checkpoint",
    hint="Draw a number after backward, with a checkpoint and without. Who has turned the generator back?",
    fails=["generator_goes_on"],
)
def ckpt_leaks_rng(fn, *args):
    return checkpointed(fn, args, restore=False)


@misconception(
    replaces="checkpoint",
    hint="How often is the function called until backward is done? Nothing is computed twice, so something is kept.",
    fails=["calls", "saved_by_checkpoint"],
)
def no_checkpoint(fn, *args):
    return fn(*args)


@misconception(
    replaces="checkpoint",
    hint="Backward gives gradients to the arguments. Who gives the function's own parameters theirs?",
    fails=["captured_parameters"],
)
def gradients_of_arguments_alone(fn, *args):
    return checkpointed(fn, args, arguments_alone=True)


@misconception(
    replaces="checkpoint",
    hint="If no argument requires a gradient, autograd never asks your backward. The parameters still wait.",
    fails=["captured_parameters"],
)
def nobody_asks(fn, *args):
    return checkpointed(fn, args, spark=False)


@misconception(
    replaces="checkpoint",
    hint="The gradient that comes from above: what do you do with it?",
    fails=["checkpoint"],
)
def starts_with_ones(fn, *args):
    return checkpointed(fn, args, ones=True)


@misconception(
    replaces="checkpoint",
    hint="How often is the function called before backward? Once is enough.",
    fails=["calls"],
)
def tries_first(fn, *args):
    return checkpointed(fn, args, tries_first=True)


@misconception(
    replaces="checkpoint_sequential",
    hint="Which of your layers keep what backward needs? Print the peak with 1, 4 and 16 runs.",
    fails=["sequential"],
)
def sequential_without_checkpoints(layers, x, segments):
    return nn.Sequential(*layers)(x)


@misconception(
    replaces="checkpoint_sequential",
    hint="One run of all layers recomputes all of them at once. What is alive then?",
    fails=["sequential"],
)
def one_run(layers, x, segments):
    return checkpointed(nn.Sequential(*layers), (x,))


@misconception(
    replaces="checkpoint_sequential",
    hint="16 layers in 4 runs are 4 layers each. How many layers has x gone through at the end?",
    fails=["sequential"],
)
def loses_layers(layers, x, segments):
    for i in range(segments):
        x = checkpointed(layers[i], (x,))
    return x
