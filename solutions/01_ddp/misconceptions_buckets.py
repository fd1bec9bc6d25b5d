"""What students get wrong in part 6, but for its last method: a right class, with one method replaced."""

from contextlib import contextmanager

import torch
import torch.distributed as dist
from ddp_lab import sync_module_state

from grader.checks import misconception


def built(self, module, cap, group, *, order=reversed, sync=sync_module_state, hooks=None, refuses=True):
    """Build what BucketedDDP must be, with one thing replaced."""
    torch.nn.Module.__init__(self)
    if refuses and cap < 1:
        raise ValueError(cap)
    named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    if refuses and (not named or not dist.is_initialized()):
        raise RuntimeError
    sync(module, dist.get_global_rank(group, 0) if group else 0, group)
    self.module, self.group, self.syncs, self.buckets, self.bucket_param_names = module, group, True, [], []
    used = cap
    for name, p in order(named):
        if used + p.nbytes > cap or p.dtype != self.buckets[-1][0].dtype:
            self.buckets.append([])
            self.bucket_param_names.append([])
            used = 0
        self.buckets[-1].append(p)
        self.bucket_param_names[-1].append(name)
        used += p.nbytes
    (hooks or accumulated)(self, [p for bucket in self.buckets for p in bucket])
    self._begin()


def accumulated(self, params):
    """Have each parameter tell when its gradient is there."""
    for p in params:
        p.register_post_accumulate_grad_hook(self._ready)


def reduced(self, flat, **how):
    """Start an all-reduce."""
    return dist.all_reduce(flat, group=self.group, **how)


def flat_gradients(bucket):
    """Return a bucket's gradients in one tensor."""
    return torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])


class Done:
    """What has been waited for already."""

    def wait(self):
        """Return at once."""


@misconception(
    replaces="BucketedDDP.__init__",
    hint="Which parameter's gradient is ready first in backward? Print the names as their hooks run.",
    fails=["buckets_layout", "buckets_overlap"],
)
def fwd_order_buckets(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
    built(self, module, bucket_cap_bytes, group, order=list)


@misconception(
    replaces="BucketedDDP.__init__",
    hint="Print the first weight on both ranks before the first step. Who makes them equal?",
    fails=["buckets_start"],
)
def no_broadcast(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
    built(self, module, bucket_cap_bytes, group, sync=lambda module, src, group: 0)


@misconception(
    replaces="BucketedDDP.__init__",
    hint="Wrap a model that is frozen, or before there is a process group: what does the handout say about that?",
    fails=["buckets_refuse"],
)
def buckets_refuse_nothing(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
    built(self, module, bucket_cap_bytes, group, refuses=False)


@misconception(
    replaces="BucketedDDP._ready",
    hint="No communication had started when the first layer's gradient arrived. When do you call all_reduce?",
    fails=["buckets_overlap", "buckets_do_not_wait"],
)
def all_at_end(self, p):
    pass


@misconception(
    replaces="BucketedDDP._send",
    hint="Your backward waits for each bucket. Which argument of all_reduce returns a handle?",
    fails=["buckets_overlap", "buckets_do_not_wait"],
)
def sync_op_in_hook(self):
    flat = flat_gradients(self.buckets[len(self.sent)])
    reduced(self, flat)
    self.sent.append((flat, Done()))


@misconception(
    replaces="BucketedDDP._send",
    hint="Your backward waits for each bucket, though it has a handle. When is the last moment to wait?",
    fails=["buckets_do_not_wait"],
)
def waits_in_hook(self):
    flat = flat_gradients(self.buckets[len(self.sent)])
    reduced(self, flat, async_op=True).wait()
    self.sent.append((flat, Done()))


@misconception(
    replaces="BucketedDDP._send",
    hint="A parameter unused in this step received the last step's gradient. What is in its place in the bucket?",
    fails=["buckets_unused"],
)
def stale_buffer(self):
    reused(self)


def reused(self):
    """Fill the buffer that a bucket keeps, and send it."""
    number = len(self.sent)
    bucket = self.buckets[number]
    kept = self.__dict__.setdefault("kept", {})
    flat = kept.setdefault(number, torch.zeros(sum(p.numel() for p in bucket), dtype=bucket[0].dtype))
    for p, place in zip(bucket, flat.split([p.numel() for p in bucket]), strict=True):
        if p.grad is not None:
            place.copy_(p.grad.flatten())
    self.sent.append((flat, reduced(self, flat, async_op=True)))


@misconception(
    replaces="BucketedDDP.__init__",
    hint="With two micro-batches the first one is never averaged. When does your hook run, and what does it see?",
    fails=["buckets_accumulate"],
)
def tensor_hook(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
    def hooks(self, params):
        self.new = {}
        for p in params:
            p.register_hook(lambda g, p=p: ready(p, g))

    def ready(p, g):
        if self.syncs:
            self.new[p] = g
            for missing in self.missing:
                missing.discard(p)
            while len(self.sent) < len(self.buckets) and not self.missing[len(self.sent)]:
                send()

    def send():
        bucket = self.buckets[len(self.sent)]
        flat = torch.cat([self.new.pop(p, torch.zeros_like(p)).flatten() for p in bucket])
        self.sent.append((flat, reduced(self, flat, async_op=True)))

    self.__dict__["_send"] = send
    built(self, module, bucket_cap_bytes, group, hooks=hooks)


@misconception(
    replaces="BucketedDDP.__init__",
    hint="All your hooks refer to the same parameter: print its name in each of them.",
    fails=["buckets_overlap", "buckets_do_not_wait"],
)
def late_binding(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
    def hooks(self, params):
        for p in params:
            p.register_post_accumulate_grad_hook(lambda _: self._ready(p))  # noqa: B023  that is the mistake

    built(self, module, bucket_cap_bytes, group, hooks=hooks)


@misconception(
    replaces="BucketedDDP.__init__",
    hint="A hook's return value has a meaning. What does yours return?",
    fails=[
        "buckets_mean", "buckets_shared_and_frozen", "buckets_overlap", "buckets_do_not_wait", "buckets_order",
        "buckets_unused", "buckets_never_used", "buckets_accumulate",
    ],
)  # fmt: skip
def hook_returns_value(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
    def hooks(self, params):
        for p in params:
            p.register_hook(lambda _, p=p: self._ready(p) or True)

    built(self, module, bucket_cap_bytes, group, hooks=hooks)


@misconception(
    replaces="BucketedDDP.no_sync",
    hint="After the with-block, is synchronisation on again?",
    fails=["buckets_accumulate", "buckets_nested"],
)
@contextmanager
def no_sync_sticky(self):
    self.syncs = False
    yield


@misconception(
    replaces="BucketedDDP.no_sync",
    hint="Nest your no_sync, and leave it by an exception: what is it that it restores, and does it always?",
    fails=["buckets_nested"],
)
@contextmanager
def no_sync_plain(self):
    self.syncs = False
    yield
    self.syncs = True


@misconception(
    replaces="BucketedDDP._ready",
    hint="Ranks can fill their buckets in different orders. Does the first all-reduce of both belong to one bucket?",
    fails=["buckets_order", "buckets_unused"],
)
def first_come_first_sent(self, p):
    if not self.syncs:
        return
    for missing in self.missing:
        missing.discard(p)
    turn = self.__dict__.setdefault("turn", [])
    full = [i for i, missing in enumerate(self.missing) if not missing and i not in turn]
    for number in full:
        turn.append(number)
        flat = flat_gradients(self.buckets[number])
        self.__dict__.setdefault("early", {})[number] = (flat, reduced(self, flat, async_op=True))
    if len(turn) == len(self.buckets):
        self.sent = [self.early.pop(number) for number in range(len(self.buckets))]
        turn.clear()
