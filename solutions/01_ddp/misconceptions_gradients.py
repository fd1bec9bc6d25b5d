"""What students get wrong in part 3, as they would write it."""

import torch
import torch.distributed as dist

from grader.checks import misconception


def broadcast(tensors, src, group):
    """Send tensors, and return how many."""
    for tensor in tensors:
        dist.broadcast(tensor.detach(), src, group=group)
    return len(tensors)


@misconception(
    replaces="sync_module_state",
    hint="Compare the whole state_dict of the ranks, not just the parameters.",
    fails=["sync_buffers", "sync_shared"],
)
def no_buffers(module, src=0, group=None):
    return broadcast(list(module.parameters()), src, group)


@misconception(
    replaces="sync_module_state",
    hint="BatchNorm has a buffer that is an integer. Has it been sent?",
    fails=["sync_buffers", "sync_shared"],
)
def no_integer_buffers(module, src=0, group=None):
    return broadcast([*module.parameters(), *[b for b in module.buffers() if b.is_floating_point()]], src, group)


@misconception(
    replaces="sync_module_state",
    hint="state_dict() has an entry for each name. How many names does a matrix have that two layers share?",
    fails=["sync_shared"],
)
def shared_sent_twice(module, src=0, group=None):
    return broadcast(list(module.state_dict().values()), src, group)


@misconception(
    replaces="sync_module_state",
    hint="Whose state is it when src is 1?",
    fails=["sync_source"],
)
def source_is_0(module, src=0, group=None):
    return broadcast([*module.parameters(), *module.buffers()], 0, group)


@misconception(
    replaces="sync_module_state",
    hint="Print the first weight on both ranks, before and after the call. Equal seeds are luck, not a rule.",
    fails=["sync_parameters", "sync_buffers", "sync_shared"],
)
def trusts_seeds(module, src=0, group=None):
    return len([*module.parameters(), *module.buffers()])


def average(module, group, *, divide=None, keep=lambda p: p.requires_grad, unused=False):
    """Average as it must be done, with one thing replaced. `unused`: also what no rank has used."""
    params = [p for p in module.parameters() if keep(p)]
    there = torch.tensor([p.grad is not None for p in params], dtype=torch.int32)
    dist.all_reduce(there, group=group)
    for p, ranks in zip(params, there.tolist(), strict=True):
        if ranks or unused:
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad
            dist.all_reduce(p.grad, group=group)
            p.grad /= divide(ranks) if divide else dist.get_world_size(group)


@misconception(
    replaces="average_gradients",
    hint="With 2 ranks your gradient is exactly twice that of one process: what should the update use?",
    fails=["average", "average_group"],
)
def sum_not_mean(module, group=None):
    average(module, group, divide=lambda ranks: 1)


@misconception(
    replaces="average_gradients",
    hint="A rank that did not use the parameter contributed a gradient too: which?",
    fails=["average_missing"],
)
def divide_by_present(module, group=None):
    average(module, group, divide=lambda ranks: max(ranks, 1))


@misconception(
    replaces="average_gradients",
    hint="A rank whose .grad is None goes on to the next parameter. What do the others wait for?",
    fails=["average_missing"],
)
def skips_none(module, group=None):
    for p in module.parameters():
        if p.requires_grad and p.grad is not None:
            dist.all_reduce(p.grad, group=group)
            p.grad /= dist.get_world_size(group)


@misconception(
    replaces="average_gradients",
    hint="What should .grad be after the call if no rank has used the parameter? An optimizer passes over None.",
    fails=["average_unused"],
)
def zeros_for_nobody(module, group=None):
    average(module, group, unused=True)


@misconception(
    replaces="average_gradients",
    hint="Freeze a parameter that still has a .grad. Should anybody touch it?",
    fails=["average_frozen"],
)
def frozen_too(module, group=None):
    average(module, group, keep=lambda p: True)


@misconception(
    replaces="average_gradients",
    hint="Average in a group of two out of three ranks: by how many do you divide?",
    fails=["average_group"],
)
def divides_by_all(module, group=None):
    average(module, group, divide=lambda ranks: dist.get_world_size())
