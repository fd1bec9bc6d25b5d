"""What students get wrong in finish_gradient_sync of part 6."""

import torch
import torch.distributed as dist
from misconceptions_buckets import flat_gradients

from grader.checks import misconception


def finished(self, *, own=torch.clone, ranks=dist.get_world_size, unused=False):
    """Do what finish_gradient_sync must do, with one thing replaced. `ranks` is what a sum is divided by."""
    while len(self.sent) < len(self.buckets):
        self._send()
    used = torch.tensor([p.grad is not None for bucket in self.buckets for p in bucket], dtype=torch.int32)
    dist.all_reduce(used, group=self.group)
    anywhere = iter(used.tolist())
    for bucket, (flat, work) in zip(self.buckets, self.sent, strict=True):
        work.wait()
        flat /= ranks(self.group)
        for p, mean in zip(bucket, flat.split([p.numel() for p in bucket]), strict=True):
            if next(anywhere) or unused:
                p.grad = own(mean.view_as(p))
    self._begin()


@misconception(
    replaces="BucketedDDP.finish_gradient_sync",
    hint="Keep a reference to .grad, run one more step, and look again.",
    fails=["buckets_keep_old_gradients"],
)
def alias_bucket(self):
    if self.syncs:
        buffers = self.__dict__.setdefault("buffers", [flat.clone() for flat in map(flat_gradients, self.buckets)])
        while len(self.sent) < len(self.buckets):
            self._send()
        self.sent = [(buffer, Copied(buffer, *sent)) for buffer, sent in zip(buffers, self.sent, strict=True)]
        finished(self, own=lambda view: view)


class Copied:
    """A bucket that arrives in a buffer which is used in every step."""

    def __init__(self, buffer, flat, work):
        self.buffer, self.flat, self.work = buffer, flat, work

    def wait(self):
        """Wait, and put it there."""
        self.work.wait()
        self.buffer.copy_(self.flat)


@misconception(
    replaces="BucketedDDP.finish_gradient_sync",
    hint="Accumulation steps should be silent on the wire, finish_gradient_sync too.",
    fails=["buckets_silent"],
)
def no_sync_leaks(self):
    finished(self)


@misconception(
    replaces="BucketedDDP.finish_gradient_sync",
    hint="With 2 ranks your gradient is exactly twice that of one process: what should the update use?",
    fails=["buckets_mean", "buckets_group"],
)
def buckets_sum(self):
    if self.syncs:
        finished(self, ranks=lambda group: 1)


@misconception(
    replaces="BucketedDDP.finish_gradient_sync",
    hint="Average in a group of two out of three ranks: by how many do you divide?",
    fails=["buckets_group"],
)
def buckets_divide_by_all(self):
    if self.syncs:
        finished(self, ranks=lambda group: dist.get_world_size())


@misconception(
    replaces="BucketedDDP.finish_gradient_sync",
    hint="What should .grad be after the call if no rank has used the parameter? An optimizer passes over None.",
    fails=["buckets_never_used"],
)
def zeros_for_unused(self):
    if self.syncs:
        finished(self, unused=True)
