"""What students get wrong in part 2, as they would write it."""

import random

import torch

from grader.checks import misconception


def refuse(n, world_size, rank):
    """Refuse what cannot be."""
    if n < 0 or world_size < 1 or not 0 <= rank < world_size:
        raise ValueError("out of range")


def shuffled(n, shuffle, seed):
    """Return an order of n indices."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist() if shuffle else list(range(n))


def fitted(order, world_size, drop_last):
    """Repeat from the start or drop, so that all ranks get equally many."""
    total = len(order) // world_size * world_size if drop_last else -(-len(order) // world_size) * world_size
    return (order * (total // max(len(order), 1) + 1))[:total]


@misconception(
    replaces="shard_indices",
    hint="Print the first five indices of epochs 0 and 1.",
    fails=["shards_reshuffled"],
)
def no_epoch(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    return fitted(shuffled(n, shuffle, seed), world_size, drop_last)[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="Any order would do if all ranks had it, but this one is agreed on: which generator does the handout name?",
    fails=["shards_shuffled"],
)
def python_shuffles(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    order = list(range(n))
    if shuffle:
        random.Random(seed + epoch).shuffle(order)
    return fitted(order, world_size, drop_last)[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="The indices of rank 0 and of rank 1 should interleave: look at n=4, two ranks, without shuffling.",
    fails=["shards_interleave"],
)
def block_shards(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    order = fitted(shuffled(n, shuffle, seed + epoch), world_size, drop_last)
    each = len(order) // world_size
    return order[rank * each : (rank + 1) * each]


@misconception(
    replaces="shard_indices",
    hint="What if there is less data than there is to be filled up? Try n=1 on four ranks.",
    fails=["shards_padded"],
)
def short_pad(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    order = shuffled(n, shuffle, seed + epoch)
    if drop_last:
        return fitted(order, world_size, True)[rank::world_size]
    total = -(-n // world_size) * world_size
    return (order + order[: total - n])[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="n=5 on two ranks: how many indices does each rank get? An all-reduce waits for every rank.",
    fails=["shards_padded", "shards_dropped"],
)
def ranks_unequal(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    return shuffled(n, shuffle, seed + epoch)[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="n=5 on two ranks with drop_last=True: does anybody get an index twice?",
    fails=["shards_dropped"],
)
def always_pads(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    return fitted(shuffled(n, shuffle, seed + epoch), world_size, False)[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="Set torch.manual_seed(0) before and draw a number after: has your function drawn from the same source?",
    fails=["shards_leave_global_numbers"],
)
def global_numbers(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    torch.manual_seed(seed + epoch)
    order = torch.randperm(n).tolist() if shuffle else list(range(n))
    return fitted(order, world_size, drop_last)[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="Each rank draws an order of its own. Put the indices of two ranks side by side: is every sample there once?",
    fails=["shards_disjoint"],
)
def seed_by_rank(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    refuse(n, world_size, rank)
    return fitted(shuffled(n, shuffle, seed + epoch + rank), world_size, drop_last)[rank::world_size]


@misconception(
    replaces="shard_indices",
    hint="Ask for rank 2 of two. Which indices are there for it?",
    fails=["shards_refuse"],
)
def refuses_nothing(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    return fitted(shuffled(max(n, 0), shuffle, seed + epoch), max(world_size, 1), drop_last)[rank :: max(world_size, 1)]
