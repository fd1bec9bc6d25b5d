"""Straightforward: a group only where there are others, gathers of numbers, and buckets as small objects."""

import contextlib
import json
import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset


def make_data(config):
    """Make the data of train.py."""
    g = torch.Generator().manual_seed(config["seed"])
    x = torch.randn(config["n"], config["in_dim"], generator=g, dtype=torch.float64)
    dtype = getattr(torch, config["dtype"])
    return TensorDataset(x.to(dtype), torch.sin(x.sum(1, keepdim=True)).to(dtype))


def make_model(config):
    """Make the model of train.py."""
    net = nn.Sequential(nn.Linear(config["in_dim"], config["hidden"]), nn.Tanh(), nn.Linear(config["hidden"], 1))
    return net.to(getattr(torch, config["dtype"]))


def train(config):
    """Use a wrapper only where there are others; a process of its own needs no group."""
    distributed = "WORLD_SIZE" in os.environ
    if distributed:
        dist.init_process_group(
            backend="gloo", rank=int(os.environ["RANK"]), world_size=int(os.environ["WORLD_SIZE"]), init_method="env://"
        )
    rank = dist.get_rank() if distributed else 0
    world_size = dist.get_world_size() if distributed else 1

    torch.manual_seed(config["seed"])
    dataset = make_data(config)
    model = make_model(config)
    net = DistributedDataParallel(model) if distributed else model
    opt = torch.optim.SGD(net.parameters(), lr=config["lr"], momentum=config["momentum"])
    start_epoch = 0
    if config["resume"] and Path(config["ckpt"]).exists():
        ckpt = torch.load(config["ckpt"], map_location="cpu")
        (net.module if distributed else net).load_state_dict(ckpt["model"])
        opt.load_state_dict(ckpt["optim"])
        start_epoch = ckpt["epoch"]
    sampler = DistributedSampler(dataset, num_replicas=world_size, rank=rank, shuffle=True, seed=config["seed"])
    loader = DataLoader(dataset, batch_size=config["batch_size"], sampler=sampler)
    losses = []
    for epoch in range(start_epoch, config["epochs"]):
        sampler.set_epoch(epoch)
        running, count = 0.0, 0
        for x, y in loader:
            loss = nn.MSELoss()(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            running += loss.item() * x.shape[0]
            count += x.shape[0]
        if distributed:
            sums = [None] * world_size
            dist.all_gather_object(sums, (running, count))
        else:
            sums = [(running, count)]
        losses.append(sum(r for r, _ in sums) / sum(c for _, c in sums))
        if config["ckpt"]:
            if rank == 0:
                tmp = config["ckpt"] + ".tmp"
                torch.save({"model": model.state_dict(), "optim": opt.state_dict(), "epoch": epoch + 1}, tmp)
                Path(tmp).replace(config["ckpt"])
            if distributed:
                dist.barrier()
    del net
    if distributed:
        dist.destroy_process_group()
    return model, losses


def shard_indices(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    """Build the whole order for everybody, and slice."""
    if n < 0:
        raise ValueError("n")
    if world_size < 1:
        raise ValueError("world_size")
    if rank not in range(world_size):
        raise ValueError("rank")
    g = torch.Generator()
    g.manual_seed(seed + epoch)
    indices = list(torch.randperm(n, generator=g).numpy()) if shuffle else list(range(n))
    if drop_last:
        indices = indices[: n - n % world_size]
    elif n:
        while len(indices) % world_size:
            indices = indices + indices[: world_size - len(indices) % world_size]
    return [int(i) for i in indices[rank::world_size]]


def sync_module_state(module, src=0, group=None):
    """Send everything, with a memory of what was sent."""
    seen = set()
    for tensor in list(module.parameters()) + list(module.buffers()):
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        copy = tensor.data.clone()
        dist.broadcast(copy, src=src, group=group)
        tensor.data.copy_(copy)
    return len(seen)


def average_gradients(module, group=None):
    """Always communicate for every parameter, and look afterwards who had one."""
    world_size = dist.get_world_size(group=group)
    for p in module.parameters():
        if not p.requires_grad:
            continue
        has = torch.tensor([0.0 if p.grad is None else 1.0], device=p.device)
        grad = torch.zeros_like(p) if p.grad is None else p.grad.clone()
        dist.all_reduce(grad, op=dist.ReduceOp.SUM, group=group)
        dist.all_reduce(has, group=group)
        if has.item() > 0:
            p.grad = grad / world_size


def ring_all_reduce(x, op="sum", group=None):
    """Go to the left, in two loops. The last chunks are shorter, or empty."""
    if op not in {"sum", "mean"}:
        raise ValueError(op)
    if op == "mean" and not torch.is_floating_point(x):
        raise TypeError("mean of integers")
    size, rank = dist.get_world_size(group), dist.get_rank(group)
    if size == 1 or x.numel() == 0:
        return
    left = dist.get_global_rank(group, (rank - 1) % size) if group else (rank - 1) % size
    right = dist.get_global_rank(group, (rank + 1) % size) if group else (rank + 1) % size
    data = x.detach().contiguous().view(-1).clone()
    per = (data.numel() + size - 1) // size
    parts = [data[min(i * per, data.numel()) : min((i + 1) * per, data.numel())] for i in range(size)]

    def exchange(send, shape_of):
        got = torch.empty_like(shape_of)
        ops = [dist.P2POp(dist.isend, send.clone(), left, group), dist.P2POp(dist.irecv, got, right, group)]
        for request in dist.batch_isend_irecv(ops):
            request.wait()
        return got

    for i in range(size - 1):
        parts[(rank + i + 1) % size] += exchange(parts[(rank + i) % size], parts[(rank + i + 1) % size])
    for i in range(size - 1):
        mine, next_one = parts[(rank - 1 + i) % size], parts[(rank + i) % size]
        next_one.copy_(exchange(mine, next_one))
    if op == "mean":
        data = data / size
    x.data.copy_(data.view(x.shape))


def uneven_mean_loss(loss_sum, n_local, group=None):
    """Gather the numbers."""
    counts = [None] * dist.get_world_size(group)
    dist.all_gather_object(counts, n_local, group=group)
    if sum(counts) == 0:
        raise ValueError("no samples")
    return loss_sum / sum(counts) * len(counts)


class Bucket:
    """Some parameters, and what is on its way for them. The last numbers say who has a gradient."""

    def __init__(self, named):
        self.names = [name for name, _ in named]
        self.params = [p for _, p in named]
        self.ready = 0
        self.work = None

    def launch(self, group):
        """Send gradients, then the flags."""
        pieces = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self.params]
        flags = self.params[0].new_tensor([float(p.grad is not None) for p in self.params])
        self.flat = torch.cat([piece.reshape(-1) for piece in pieces] + [flags])
        self.work = dist.all_reduce(self.flat, group=group, async_op=True)

    def land(self, world_size):
        """Wait, and write the means."""
        self.work.wait()
        place = 0
        flags = self.flat[-len(self.params) :]
        for p, flag in zip(self.params, flags, strict=True):
            mean = self.flat[place : place + p.numel()].reshape(p.shape) / world_size
            place += p.numel()
            if flag > 0:
                p.grad = mean
        self.ready, self.work = 0, None


class BucketedDDP(nn.Module):
    """Buckets count what is ready."""

    def __init__(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
        super().__init__()
        if bucket_cap_bytes < 1:
            raise ValueError("cap")
        if not dist.is_initialized():
            raise RuntimeError("no group")
        named = [(n, p) for n, p in module.named_parameters() if p.requires_grad]
        if not named:
            raise RuntimeError("nothing to train")
        self.module = module
        self._group = group
        self._on = True
        first = 0 if group is None else dist.get_process_group_ranks(group)[0]
        for tensor in [*module.parameters(), *module.buffers()]:
            dist.broadcast(tensor.data, src=first, group=group)
        chunks, current, size = [], [], 0
        for name, p in named[::-1]:
            nbytes = p.numel() * p.element_size()
            last = current[-1][1] if current else p
            if current and (size + nbytes > bucket_cap_bytes or last.dtype != p.dtype or last.device != p.device):
                chunks.append(current)
                current, size = [], 0
            current.append((name, p))
            size += nbytes
        chunks.append(current)
        self._buckets = [Bucket(chunk) for chunk in chunks]
        self.bucket_param_names = [bucket.names for bucket in self._buckets]
        self._next = 0
        for bucket in self._buckets:
            for p in bucket.params:
                p.register_post_accumulate_grad_hook(self._hook(bucket))

    def _hook(self, bucket):
        def hook(_):
            if self._on:
                bucket.ready += 1
                self._launch_ready()

        return hook

    def _launch_ready(self, everything=False):
        while self._next < len(self._buckets):
            bucket = self._buckets[self._next]
            if bucket.ready < len(bucket.params) and not everything:
                return
            bucket.launch(self._group)
            self._next += 1

    def forward(self, *args, **kwargs):
        """Run the module."""
        return self.module(*args, **kwargs)

    @contextlib.contextmanager
    def no_sync(self):
        """Turn it off, and back to what it was."""
        was = self._on
        self._on = False
        try:
            yield self
        finally:
            self._on = was

    def finish_gradient_sync(self):
        """Launch the rest and land all."""
        if self._on:
            self._launch_ready(everything=True)
            for bucket in self._buckets:
                bucket.land(dist.get_world_size(self._group))
            self._next = 0


def run_uneven_epoch(ddp, optimizer, batches, loss_sum_fn, group=None):
    """Ask before each step whether anybody has a batch left."""
    steps = 0
    batches = list(batches)
    while True:
        have = len(batches[steps][0]) if steps < len(batches) else -1
        everyone = [None] * dist.get_world_size(group)
        dist.all_gather_object(everyone, have, group=group)
        if max(everyone) < 0:
            return steps
        optimizer.zero_grad()
        if have >= 0:
            x, y = batches[steps]
            total = sum(n for n in everyone if n > 0)
            (loss_sum_fn(ddp(x), y) * len(everyone) / total).backward()
        ddp.finish_gradient_sync()
        optimizer.step()
        steps += 1


def train_bucketed(config):
    """Loop over steps, and in each over its micro-batches."""
    dist.init_process_group("gloo")
    torch.manual_seed(config["seed"])
    x, y = make_data(config).tensors
    model = make_model(config)
    wrapper = BucketedDDP(model, bucket_cap_bytes=config["bucket_cap_bytes"])
    opt = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])
    losses, b, k = [], config["batch_size"], config["grad_accum"]
    for epoch in range(config["epochs"]):
        mine = shard_indices(config["n"], dist.get_world_size(), dist.get_rank(), seed=config["seed"], epoch=epoch)
        total = torch.zeros(())
        for start in range(0, len(mine), b * k):
            opt.zero_grad()
            micro = [mine[i : i + b] for i in range(start, min(start + b * k, len(mine)), b)]
            with wrapper.no_sync():
                for part in micro[:-1]:
                    loss = (wrapper(x[part]) - y[part]).square().mean() / k
                    loss.backward()
                    total += loss.detach() * k * len(part)
            loss = (wrapper(x[micro[-1]]) - y[micro[-1]]).square().mean() / k
            loss.backward()
            total += loss.detach() * k * len(micro[-1])
            wrapper.finish_gradient_sync()
            opt.step()
        dist.all_reduce(total)
        losses.append(total.item() / config["n"])
    del wrapper
    dist.destroy_process_group()
    return model, losses


if __name__ == "__main__":
    print(train(json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text()))[1])
