"""Drives a student's ddp_lab module, in each rank, and returns plain data. Students' code can read this: no answers.

Where a rank is to have something of its own, a probe is given a list, and takes what stands at its rank.
"""

import inspect
import os
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel

from grader.probing import held, metered, recorded

# ---- parts 1 and 8: train and train_bucketed -------------------------------------------------------------------

KEPT = []
make_wrapper = DistributedDataParallel.__init__


def keep_wrappers():
    """Keep torch's wrappers until this process ends, as a launch does: one that goes after its group can hang."""

    def kept(self, *args, **kwargs):
        KEPT.append(self)
        make_wrapper(self, *args, **kwargs)

    DistributedDataParallel.__init__ = kept


def trained(student, config, which, checkpoint=None):
    """What `train` left on each rank: parameters, losses, whether it is still in the group, or what it wrote.

    Each rank has a folder of its own to write to, and the checkpoint, if there is one, in it.
    """
    keep_wrappers()
    torch.manual_seed(100 + int(os.environ.get("RANK", 0)))  # no two ranks begin alike
    with tempfile.TemporaryDirectory() as folder, left_at_the_end():
        path = Path(folder, "ckpt.pt")
        if checkpoint is not None:
            path.write_bytes(checkpoint)
        model, losses = student.train({**config, "ckpt": str(path)})
        seen = {
            "parameters": [p.detach() for p in model.parameters()],
            "losses": [float(loss) for loss in losses],
            "joined": dist.is_initialized(),
            "wrote": sorted(path.name for path in Path(folder).iterdir()),
            "saved": _saved(path) if "saved" in which else None,
            "checkpoint": path.read_bytes() if path.exists() else None,
        }
    return {name: seen[name] for name in which}


@contextmanager
def left_at_the_end():
    """Destroy the group if the student's code has not: a process may answer the next call as well."""
    try:
        yield
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def _saved(path):
    """What a checkpoint holds; of the optimizer's state, the momentum of each parameter."""
    if not path.exists():
        return None
    state = torch.load(path, weights_only=True)
    momentum = [entry.get("momentum_buffer") for entry in state["optim"]["state"].values()]
    return {"model": dict(state["model"]), "momentum": momentum, "epoch": state["epoch"]}


def waits(student, config):
    """Whether rank 0, which takes its time to save, had saved when `train` returned on the others.

    On rank 0, whether it was seen to save.
    """
    store = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), timeout=timedelta(seconds=5))
    rank, save = int(os.environ["RANK"]), torch.save

    def slowly(*args, **kwargs):
        time.sleep(0.2)
        save(*args, **kwargs)
        store.set("saved", "yes")

    torch.save = slowly if rank == 0 else save
    with tempfile.TemporaryDirectory() as folder:
        student.train({**config, "ckpt": str(Path(folder, "ckpt.pt"))})
        return store.check(["saved"])


def after_torchrun(student, run, path):
    """What the checkpoint of a run by torchrun holds."""
    del student
    return _saved(Path(run["folder"], path))


MADE = []  # the wrappers that were supplied


class Supplied(nn.Module):
    """In the place of a student's BucketedDDP, whose mistakes then count once: torch's own, called in that way."""

    def __init__(self, module, **how):
        super().__init__()
        # Without find_unused_parameters it sends more in a second forward pass, which a rank without a batch has later.
        self.inner = DistributedDataParallel(module, process_group=how.get("group"), find_unused_parameters=True)
        self.example = next(module.parameters()).new_zeros(1, next(module.parameters()).shape[1])
        self.cap, self.finished, self.busy = how.get("bucket_cap_bytes"), 0, False
        MADE.append(self)

    def forward(self, *args, **kwargs):
        """Run the module, and remember that backward will bring gradients."""
        self.busy = True
        return self.inner(*args, **kwargs)

    def no_sync(self):
        """Let gradients accumulate."""
        return self.inner.no_sync()

    def finish_gradient_sync(self):
        """Torch has finished already, unless there was no batch: then the zeros of a loss that is none."""
        if not self.inner.require_backward_grad_sync:
            return
        if not self.busy:
            (0 * self.inner(self.example).sum()).backward()
        self.finished, self.busy = self.finished + 1, False


def trained_bucketed(student, config, which):
    """What `train_bucketed`, with another's BucketedDDP, left on each rank, or how it used that wrapper."""
    looks = inspect.unwrap(student.train_bucketed).__globals__  # where it looks for names
    looks["BucketedDDP"] = Supplied
    torch.manual_seed(100 + int(os.environ["RANK"]))
    with recorded() as log:
        model, losses = student.train_bucketed(config)
    parameters = [p.detach() for p in model.parameters()]
    everything = sum(p.numel() for p in parameters)
    seen = {
        "parameters": parameters,
        "losses": [float(loss) for loss in losses],
        "caps": [wrapper.cap for wrapper in MADE],
        "finished": [wrapper.finished for wrapper in MADE],
        "sent": sum(event["op"] == "allreduce_" and event["numel"] == everything for event in log.events),
    }
    return {name: seen[name] for name in which}


# ---- part 2: shards --------------------------------------------------------------------------------------------


def shards(student, n, world_size, **how):
    """The indices of every rank."""
    return [[int(i) for i in student.shard_indices(n, world_size, rank, **how)] for rank in range(world_size)]


def shards_of_epochs(student, n, world_size, epochs, **how):
    """The indices of every rank, in each of some epochs."""
    return [shards(student, n, world_size, epoch=epoch, **how) for epoch in epochs]


def random_numbers_after(student, seed):
    """Global random numbers, drawn after a shard was."""
    torch.manual_seed(seed)
    student.shard_indices(10, 2, 0, seed=seed + 1, epoch=1)
    return torch.rand(3)


# ---- part 3: state and gradients -------------------------------------------------------------------------------


def _told(members):
    """How a function is told its group: not at all where all ranks are members; None on a rank that is not one."""
    if members is None:
        return {}
    group = dist.new_group(members)
    return {"group": group} if dist.get_rank() in members else None


class Normed(nn.Module):
    """A model with buffers, one of them an integer, and where asked for a matrix that two layers share."""

    def __init__(self, seed, tied=False):
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.norm, self.last = nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 3)
        self.norm.running_mean.copy_(torch.randn(3))
        self.norm.num_batches_tracked.fill_(seed)
        if tied:
            self.last.weight = self.first.weight


def synced(student, seeds, kind, members=None, **how):
    """The parameters, or the buffers, of each rank's model after `sync_module_state`."""
    model, group = Normed(seeds[dist.get_rank()]), _told(members)
    if group is not None:
        student.sync_module_state(model, **how, **group)
    tensors = model.named_buffers() if kind == "buffers" else model.named_parameters()
    return {name: tensor.detach() for name, tensor in tensors}


def sent_by_sync(student, seeds, **how):
    """The number that `sync_module_state` returns, and how many tensors it broadcast."""
    with recorded() as log:
        said = student.sync_module_state(Normed(seeds[dist.get_rank()], **how))
    return {"said": said, "sent": sum(event["op"] == "broadcast_" for event in log.events)}


def _with_gradients(grads, frozen=()):
    module = nn.ParameterList([nn.Parameter(torch.zeros(shape, dtype=torch.float64)) for shape in ((2, 3), (4,), ())])
    for number, (p, g) in enumerate(zip(module, grads, strict=True)):
        p.grad = g
        p.requires_grad_(number not in frozen)
    return module


def averaged(student, grads, frozen=()):
    """The gradients of each rank after `average_gradients`."""
    module = _with_gradients(grads[dist.get_rank()], frozen)
    student.average_gradients(module)
    return [p.grad for p in module]


def averaged_in_a_group(student, grads, members):
    """The gradients after `average_gradients` in a group to which not all ranks belong; None outside of it."""
    group = _told(members)
    if group is None:
        return None
    module = _with_gradients(grads[dist.get_rank()])
    student.average_gradients(module, **group)
    return [p.grad for p in module]


# ---- part 4: ring ----------------------------------------------------------------------------------------------


def ring(student, tensors, members=None, **how):
    """Each rank's tensor, after `ring_all_reduce`."""
    x, group = tensors[dist.get_rank()], _told(members)
    if group is not None:
        student.ring_all_reduce(x, **how, **group)
    return x


def ring_bits(student, tensors):
    """Each rank's float32 tensor, after `ring_all_reduce`: as numbers, and as bits."""
    x = ring(student, tensors)
    return {"numbers": x, "bits": x.view(torch.int32)}


def ring_of_a_view(student, tensors):
    """Each rank's matrix, after `ring_all_reduce` of its transpose."""
    whole = tensors[dist.get_rank()]
    student.ring_all_reduce(whole.t())
    return whole


def ring_traffic(student, tensors):
    """What each rank sent in `ring_all_reduce`: how many sends, of how many elements, to whom; and the result.

    Receivers are told as a distance along the ring.
    """
    rank, world_size = dist.get_rank(), dist.get_world_size()
    x = tensors[rank]
    with recorded() as log:
        student.ring_all_reduce(x)
    sends = [event for event in log.events if event["op"] == "send"]
    return {
        "x": x,
        "sends": len(sends),
        "elements": sum(event["numel"] for event in sends),
        "distances": sorted({(event["peer"] - rank) % world_size for event in sends}),
        "others": sorted({event["op"] for event in log.events} - {"send", "recv_", "recv_any_source_", "barrier"}),
    }


def ring_refuses(student, op, dtype):
    """What `ring_all_reduce` raises on each rank."""
    try:
        student.ring_all_reduce(torch.ones(4, dtype=getattr(torch, dtype)), op)
    except (ValueError, TypeError) as error:
        return type(error).__name__
    return ""


# ---- part 5: uneven --------------------------------------------------------------------------------------------


def uneven(student, xs, which, members=None):
    """From each rank's loss_sum = sum((x @ w)^2): the gradient, or the value, of what `uneven_mean_loss` returns."""
    x, group = xs[dist.get_rank()], _told(members)
    if group is None:
        return None
    w = torch.ones(x.shape[1], dtype=x.dtype, requires_grad=True)
    loss = student.uneven_mean_loss((x @ w).square().sum(), len(x), **group)
    loss.backward()
    return {name: {"gradient": w.grad, "value": loss.detach()}[name] for name in which}


def uneven_nothing(student):
    """Whether `uneven_mean_loss` raises a ValueError on each rank where no rank has a sample."""
    try:
        student.uneven_mean_loss(torch.zeros((), dtype=torch.float64, requires_grad=True), 0)
    except ValueError:
        return True
    return False


# ---- part 6: buckets -------------------------------------------------------------------------------------------


class Chain(nn.Module):
    """Four layers in a row, float64: their gradients take 320, 512, 512 and 72 bytes."""

    def __init__(self, seed, tied=False, frozen=False):
        super().__init__()
        torch.manual_seed(seed)
        sizes = [(4, 8), (8, 8), (8, 8), (8, 1)]
        self.layers = nn.ModuleList([nn.Linear(*size, dtype=torch.float64) for size in sizes])
        if tied:
            self.layers[2].weight = self.layers[1].weight
        self.layers[1].requires_grad_(not frozen)

    def forward(self, x):
        """Run them all: (n, 4) to (n, 1)."""
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x))
        return self.layers[-1](x)


class Forks(nn.Module):
    """Layers of one shape, of which each rank uses those it is told, in this order."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.layers = nn.ModuleList([nn.Linear(3, 3, dtype=torch.float64) for _ in range(3)])

    def forward(self, x, route):
        """Run those on the route."""
        for number in route:
            x = torch.tanh(self.layers[number](x))
        return x


def gradients(module):
    """The gradient of each parameter, by name."""
    return {name: p.grad for name, p in module.named_parameters()}


def to_lay_out(kind):
    """A model: a chain, one with a float32 layer, or two parameters that together take 8 bytes more than 25 MiB."""
    module = Chain(0)
    if kind == "two types":
        module.layers[1].float()
    if kind == "large":
        n = 25 * 2**20 // 16
        return nn.ParameterList([nn.Parameter(torch.zeros(size, dtype=torch.float64)) for size in (n, n + 1)])
    return module


def layout(student, kind, **how):
    """The names in each bucket of BucketedDDP."""
    return [list(names) for names in student.BucketedDDP(to_lay_out(kind), **how).bucket_param_names]


def bucketed(student, seeds, xs, cap, steps=1, members=None, **how):
    """The gradients of each rank after backward and `finish_gradient_sync`, in the last of some steps."""
    rank, group = dist.get_rank(), _told(members)
    if group is None:
        return None
    module = Chain(seeds[rank], **how)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap, **group)
    for x in xs[rank][:steps]:
        module.zero_grad()
        ddp(x).square().sum().backward()
        ddp.finish_gradient_sync()
    return gradients(module)


def bucketed_state(student, seeds):
    """Each rank's parameters after BucketedDDP has wrapped its model."""
    module = Chain(seeds[dist.get_rank()])
    student.BucketedDDP(module)
    return {name: p.detach() for name, p in module.named_parameters()}


def routed(student, seed, x, routes, cap=1):
    """The gradients after the last of some steps, in each of which a rank uses the layers of its route."""
    module = Forks(seed)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap)
    for route in routes[dist.get_rank()]:
        module.zero_grad()
        ddp(x, route=route).square().sum().backward()
        ddp.finish_gradient_sync()
    return gradients(module)


def events(student, xs, cap, only=""):
    """What was communicated in backward: each gradient that came in, and each all-reduce, as `async` or `sync`.

    `only` is the one parameter that is not frozen, if there is but one.
    """
    module = Chain(0)
    for name, p in module.named_parameters():
        p.requires_grad_(only in ("", name))
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap)
    with recorded() as log:
        log.marks_grads(module)
        ddp(xs[dist.get_rank()]).square().sum().backward()
        said = list(log.events)
        ddp.finish_gradient_sync()
    kinds = {None: "other", True: "async", False: "sync"}
    return [event["mark"] or (kinds[event["async"]] if event["op"] == "allreduce_" else "other") for event in said]


def returns_while_held(student, xs, cap):
    """Whether backward returns while nothing that was sent arrives, and whether anything was sent by then."""
    module = Chain(0)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap)
    loss = ddp(xs[dist.get_rank()]).square().sum()
    with held() as gate:
        returned = gate.returned(loss.backward)
        sent = gate.held > 0
    ddp.finish_gradient_sync()
    return {"returned": returned, "sent": sent}


def kept_gradients(student, xs, cap):
    """The gradients of a first step, as they were then and as they are after a second one."""
    module = Chain(0)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap)
    kept = []
    for x in xs[dist.get_rank()]:
        module.zero_grad()
        ddp(x).square().sum().backward()
        ddp.finish_gradient_sync()
        kept.append([p.grad for p in module.parameters()])
        kept.append([p.grad.clone() for p in module.parameters()])
    return {"then": kept[1], "now": kept[0]}


def accumulated(student, xs, cap, which):
    """Gradients of some micro-batches, all but the last without synchronisation, or what was communicated in these."""
    module = Chain(0)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap)
    *first, last = xs[dist.get_rank()]
    with recorded() as log, ddp.no_sync():
        for x in first:
            ddp(x).square().sum().backward()
            ddp.finish_gradient_sync()
    ddp(last).square().sum().backward()
    ddp.finish_gradient_sync()
    return gradients(module) if which == "gradients" else [event["op"] for event in log.events]


def after_no_sync(student, xs, cap):
    """What was communicated inside of an outer no_sync after an inner one, and after one that an exception left."""
    module = Chain(0)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=cap)
    x = xs[dist.get_rank()][0]
    with recorded() as nested, ddp.no_sync():
        with ddp.no_sync():
            pass
        ddp(x).square().sum().backward()
    try:
        with ddp.no_sync():
            raise KeyError
    except KeyError:
        pass
    module.zero_grad()
    with recorded() as after:
        ddp(x).square().sum().backward()
        ddp.finish_gradient_sync()
    return {"inside": len(nested.events), "after": any(event["op"] == "allreduce_" for event in after.events)}


def bucket_refuses(student, cap=1, frozen=False, joined=True):
    """What the constructor of BucketedDDP raises."""
    if not joined:
        dist.destroy_process_group()
    try:
        student.BucketedDDP(Chain(0).requires_grad_(not frozen), bucket_cap_bytes=cap)
    except (ValueError, RuntimeError) as error:
        return type(error).__name__
    return ""


# ---- part 7: epoch ---------------------------------------------------------------------------------------------


def uneven_epoch(student, seed, batches, which, members=None):
    """The number of steps, or the parameters, after `run_uneven_epoch` with each rank's batches."""
    module, group = Chain(seed), _told(members)
    if group is None:
        return None
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    mine = [tuple(batch) for batch in batches[dist.get_rank()]]
    steps = student.run_uneven_epoch(Supplied(module, **group), optimizer, mine, _sum_of_squares, **group)
    return {name: {"steps": steps, "parameters": [p.detach() for p in module.parameters()]}[name] for name in which}


def _sum_of_squares(prediction, y):
    return mse_loss(prediction, y, reduction="sum")


# ---- part 9: gpu -----------------------------------------------------------------------------------------------


def on_a_device(student, seeds, grads, device):
    """Parameters and gradients of this rank after both were synchronised on a device, and whether they stayed there."""
    rank = dist.get_rank()
    model = Normed(seeds[rank]).to(device)
    student.sync_module_state(model)
    module = _with_gradients([None] * 3).to(device)
    for p, g in zip(module, grads[rank], strict=True):
        p.grad = g.to(device)
    student.average_gradients(module)
    there = all(p.grad.device == p.device for p in module)
    return {"parameters": [p.detach() for p in model.parameters()], "grads": [p.grad for p in module], "there": there}


def buckets_on_a_device(student, x, device):
    """The gradients of one rank, with NCCL where there is a GPU; and what a step of a larger model needs there."""
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    module = Chain(0).to(device)
    ddp = student.BucketedDDP(module, bucket_cap_bytes=600)
    ddp(x.to(device)).square().sum().backward()
    ddp.finish_gradient_sync()
    large = nn.Sequential(*[nn.Linear(512, 512) for _ in range(6)]).to(device)
    ddp = student.BucketedDDP(large, bucket_cap_bytes=2**20)
    inputs = torch.ones(4, 512, device=device)
    _step(ddp, inputs)  # now all gradients are there
    with _peak(device) as peak:
        _step(ddp, inputs)
    return {
        "gradients": gradients(module),
        "there": all(p.grad.device == p.device for p in ddp.parameters()),
        "peak": peak(),
        "bytes": sum(p.nbytes for p in large.parameters()),
    }


def _step(ddp, x):
    for p in ddp.parameters():
        if p.grad is not None:
            p.grad.zero_()
    ddp(x).square().sum().backward()
    ddp.finish_gradient_sync()


@contextmanager
def _peak(device):
    """Measure how many bytes are allocated in the block, at most at once."""
    if device.type != "cuda":
        with metered() as used:
            yield lambda: used.counts()["peak_bytes"]
        return
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    yield lambda: torch.cuda.max_memory_allocated(device) - before
