"""What students get wrong in part 4, as they would write it."""

import torch
import torch.distributed as dist

from grader.checks import misconception


def refuse(x, op):
    """Refuse what has no sum or mean."""
    if op not in ("sum", "mean"):
        raise ValueError(op)
    if op == "mean" and not x.is_floating_point():
        raise TypeError(x.dtype)


def pass_on(out, group):
    """Send a tensor to the next rank, and return what comes from the one before."""
    W, r = dist.get_world_size(group), dist.get_rank(group)
    coming = torch.empty_like(out)
    sending = dist.isend(out.contiguous(), group=group, group_dst=(r + 1) % W)
    dist.recv(coming, group=group, group_src=(r - 1) % W)
    sending.wait()
    return coming


def pass_on_by_global_rank(out, group):
    """Do the same, with numbers that count all ranks."""
    W, r = dist.get_world_size(group), dist.get_rank(group)
    coming = torch.empty_like(out)
    sending = dist.isend(out.contiguous(), (r + 1) % W, group)
    dist.recv(coming, (r - 1) % W, group)
    sending.wait()
    return coming


def ring(flat, group, *, steps=2, length=None, pass_on=pass_on, add=torch.add):
    """Reduce a flat tensor in place. `length` of a chunk, so that all are alike; with 1 of 2 `steps` nobody is told.

    `add` makes of what is there and what comes what is to be there.
    """
    W, r = dist.get_world_size(group), dist.get_rank(group)
    each = length if length is not None else -(-flat.numel() // W)
    padded = torch.cat([flat, flat.new_zeros(max(each * W - flat.numel(), 0))])
    chunks = padded[: each * W].view(W, each)
    for step in range(steps * (W - 1)):
        coming, into = pass_on(chunks[(r - step) % W], group), chunks[(r - step - 1) % W]
        into.copy_(add(into, coming) if step < W - 1 else coming)
    flat.copy_(padded[: flat.numel()])


def finished(x, flat, op, group):
    """Put the result into x."""
    x.copy_((flat / dist.get_world_size(group) if op == "mean" else flat).view_as(x))


@misconception(
    replaces="ring_all_reduce",
    hint="Try 7 elements on 2 ranks, and compare element by element.",
    fails=["ring_remainder", "ring_small"],
)
@torch.no_grad()
def ring_drops_remainder(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().clone()
    ring(flat, group, length=flat.numel() // dist.get_world_size(group))
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="The sum is right, but you moved more data than a ring needs: how many elements leave each rank, in how many?",
    fails=["ring_three_ranks", "ring_traffic"],
)
@torch.no_grad()
def ring_whole_tensor(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().clone()
    passing = flat.clone()
    for _ in range(dist.get_world_size(group) - 1):
        passing = pass_on(passing, group)
        flat += passing
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="Each rank has one correct chunk. Who tells the others?",
    fails=["ring_sum", "ring_three_ranks", "ring_traffic"],
)
@torch.no_grad()
def ring_no_gather(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().clone()
    ring(flat, group, steps=1)
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="On its first way round a chunk collects what all ranks have. What becomes of what was there when it arrives?",
    fails=["ring_adds_up", "ring_sum", "ring_remainder", "ring_view", "ring_mean", "ring_group"],
)
@torch.no_grad()
def ring_overwrites(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().clone()
    ring(flat, group, add=lambda there, coming: coming)
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="reshape may copy. Does your result reach the caller's tensor? Try x.t() of a matrix.",
    fails=["ring_view"],
)
@torch.no_grad()
def ring_loses_view(x, op="sum", group=None):
    refuse(x, op)
    flat = x.reshape(-1)
    ring(flat, group)
    if op == "mean":
        flat /= dist.get_world_size(group)


@misconception(
    replaces="ring_all_reduce",
    hint="With op='mean' your answer is that of op='sum'. Where does op come in?",
    fails=["ring_mean"],
)
@torch.no_grad()
def ring_sums_always(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().clone()
    ring(flat, group)
    finished(x, flat, "sum", group)


@misconception(
    replaces="ring_all_reduce",
    hint="Add up large integers: through which type do yours go? A float64 has 53 bits.",
    fails=["ring_integers"],
)
@torch.no_grad()
def ring_through_floats(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().double()
    ring(flat, group)
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="Send everything to rank 0 and have it tell the others: how much arrives at rank 0 when there are 100 ranks?",
    fails=["ring_traffic"],
)
@torch.no_grad()
def star(x, op="sum", group=None):
    refuse(x, op)
    W, r = dist.get_world_size(group), dist.get_rank(group)
    flat = x.flatten().clone()
    if r:
        dist.send(flat, group=group, group_dst=0)
        dist.recv(flat, group=group, group_src=0)
    else:
        for other in range(1, W):
            coming = torch.empty_like(flat)
            dist.recv(coming, group=group, group_src=other)
            flat += coming
        for other in range(1, W):
            dist.send(flat, group=group, group_dst=other)
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="Your neighbours' numbers count the group's ranks; dst and src count all. See group_dst and group_src.",
    fails=["ring_group"],
)
@torch.no_grad()
def ring_by_global_rank(x, op="sum", group=None):
    refuse(x, op)
    flat = x.flatten().clone()
    ring(flat, group, pass_on=pass_on_by_global_rank)
    finished(x, flat, op, group)


@misconception(
    replaces="ring_all_reduce",
    hint="op='max', and the mean of integers: what does the handout say about them?",
    fails=["ring_refuses"],
)
@torch.no_grad()
def ring_refuses_nothing(x, op="sum", group=None):
    flat = x.flatten().clone()
    ring(flat, group)
    x.copy_((flat.double() / dist.get_world_size(group) if op == "mean" else flat).view_as(x))
