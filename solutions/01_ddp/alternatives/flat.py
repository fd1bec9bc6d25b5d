"""One flat tensor where that is possible: all gradients in one all-reduce, indices as a table, a group as a context."""

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch._utils import _flatten_dense_tensors as flatten
from torch._utils import _unflatten_dense_tensors as unflatten
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import BatchSampler, DistributedSampler


def the_data(config):
    """Make x and y of train.py."""
    g = torch.Generator().manual_seed(config["seed"])
    x = torch.randn(config["n"], config["in_dim"], generator=g, dtype=torch.float64)
    y = torch.sin(x.sum(1, keepdim=True))
    return x.to(getattr(torch, config["dtype"])), y.to(getattr(torch, config["dtype"]))


def the_model(config):
    """Make the model of train.py."""
    torch.manual_seed(config["seed"])
    sizes = config["in_dim"], config["hidden"]
    return nn.Sequential(nn.Linear(*sizes), nn.Tanh(), nn.Linear(sizes[1], 1)).to(getattr(torch, config["dtype"]))


@contextmanager
def group_of_all():
    """Join, and leave whatever happens. A process that torchrun did not start is alone, in a group of one."""
    if dist.is_torchelastic_launched() or "RANK" in os.environ:
        dist.init_process_group()
    else:
        dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    try:
        yield dist.get_rank()
    finally:
        dist.barrier()
        dist.destroy_process_group()


def train(config):
    """Leave the wrapper in a function of its own, so that it has gone when the group goes."""
    with group_of_all() as rank:
        return _train(config, rank)


def _train(config, rank):
    x, y = the_data(config)
    model = the_model(config)
    opt = torch.optim.SGD(model.parameters(), config["lr"], config["momentum"])
    done = [0]
    if config["resume"] and Path(config["ckpt"]).is_file():
        saved = torch.load(config["ckpt"])
        model.load_state_dict(saved["model"])
        opt.load_state_dict(saved["optim"])
        done = [saved["epoch"]]
    ddp = DistributedDataParallel(model)
    sampler = DistributedSampler(range(len(x)), shuffle=True, seed=config["seed"])
    history = []
    for epoch in range(done[0], config["epochs"]):
        sampler.set_epoch(epoch)
        sums = []
        for batch in BatchSampler(sampler, config["batch_size"], drop_last=False):
            opt.zero_grad(set_to_none=False)
            loss = mse_loss(ddp(x[batch]), y[batch])
            loss.backward()
            opt.step()
            sums.append(loss.detach() * len(batch))
        mean = torch.stack(sums).sum() / len(sampler)
        dist.all_reduce(mean)
        history.append(mean.item() / dist.get_world_size())
        if rank == 0 and config["ckpt"]:
            state = {"model": ddp.module.state_dict(), "optim": opt.state_dict(), "epoch": epoch + 1}
            torch.save(state, config["ckpt"] + "~")
            Path(config["ckpt"] + "~").rename(config["ckpt"])
    return model, history


def shard_indices(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    """Do it in tensors."""
    if n < 0 or world_size <= 0 or rank < 0 or rank >= world_size:
        raise ValueError((n, world_size, rank))
    order = torch.arange(n)
    if shuffle:
        order = torch.randperm(n, generator=torch.Generator().manual_seed(seed + epoch))
    rows = n // world_size if drop_last else (n + world_size - 1) // world_size
    if rows == 0:
        return []
    table = order.repeat(rows * world_size // n + 1)[: rows * world_size].view(rows, world_size)
    return table[:, rank].tolist()


def sync_module_state(module, src=0, group=None):
    """Remember tensors by who they are."""
    tensors = {id(t): t for t in (*module.parameters(), *module.buffers())}
    with torch.no_grad():
        for tensor in tensors.values():
            dist.broadcast(tensor, src, group)
    return len(tensors)


def average_gradients(module, group=None):
    """One all-reduce for all gradients, and the flags in front of them."""
    params = [p for p in module.parameters() if p.requires_grad]
    if not params:
        return
    flags = torch.stack([torch.ones_like(p).sum() * (p.grad is not None) / max(p.numel(), 1) for p in params])
    grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in params]
    flat = torch.cat([flags, flatten(grads)]) / dist.get_world_size(group)
    dist.all_reduce(flat, group=group)
    for p, flag, mean in zip(params, flat, unflatten(flat[len(params) :], grads), strict=False):
        if flag > 0:
            p.grad = mean.clone()


def ring_all_reduce(x, op="sum", group=None):
    """Receive and send at once, chunk by chunk, and take the mean where a chunk is complete."""
    if op == "mean":
        if not x.dtype.is_floating_point:
            raise TypeError(x.dtype)
    elif op != "sum":
        raise ValueError(op)
    W, r = dist.get_world_size(group), dist.get_rank(group)
    n = x.numel()
    if W < 2 or n < 1:
        return
    y = x.detach().reshape(-1).clone()
    edges = [n * i // W for i in range(W + 1)]

    def chunk(i):
        return y[edges[i % W] : edges[i % W + 1]]

    def pass_on(i, j, add):
        incoming = torch.empty_like(chunk(j))
        handles = [
            dist.irecv(incoming, group=group, group_src=(r - 1) % W),
            dist.isend(chunk(i), group=group, group_dst=(r + 1) % W),
        ]
        for handle in reversed(handles):
            handle.wait()
        chunk(j).copy_(chunk(j) + incoming if add else incoming)

    for s in range(W - 1):
        pass_on(r - s - 1, r - s - 2, True)
    if op == "mean":
        chunk(r).div_(W)
    for s in range(W - 1):
        pass_on(r - s, r - s - 1, False)
    with torch.no_grad():
        x.copy_(y.reshape(x.shape))


def uneven_mean_loss(loss_sum, n_local, group=None):
    """Scale by the share of an average rank."""
    share = torch.tensor(float(n_local), dtype=torch.float64)
    dist.all_reduce(share, group=group)
    share /= dist.get_world_size(group)
    if share.item() == 0.0:
        raise ValueError("nobody has a sample")
    return loss_sum / share.item()


class BucketedDDP(nn.Module):
    """Hooks on the accumulators of gradients, one integer mask a step, and buckets as dicts."""

    def __init__(self, module, *, bucket_cap_bytes=25 * 2**20, group=None):
        super().__init__()
        if not dist.is_initialized():
            raise RuntimeError("call init_process_group first")
        if not any(p.requires_grad for p in module.parameters()):
            raise RuntimeError("nothing requires a gradient")
        if bucket_cap_bytes <= 0:
            raise ValueError(bucket_cap_bytes)
        self.module, self.group, self.depth = module, group, 0
        sync_module_state(module, dist.get_process_group_ranks(group or dist.group.WORLD)[0], group)
        self.buckets = []
        for name, p in reversed(dict(module.named_parameters()).items()):
            if p.requires_grad:
                self._place(name, p, bucket_cap_bytes)
                p.register_post_accumulate_grad_hook(self._arrived)
        self.bucket_param_names = [list(bucket["params"]) for bucket in self.buckets]
        self.arrived, self.launched = set(), 0

    def _place(self, name, p, cap):
        kind = p.dtype, p.device
        last = self.buckets[-1] if self.buckets else None
        if last is None or last["kind"] != kind or last["bytes"] + p.nbytes > cap:
            last = {"kind": kind, "bytes": 0, "params": {}}
            self.buckets.append(last)
        last["params"][name] = p
        last["bytes"] += p.nbytes

    def _arrived(self, p):
        if self.depth == 0:
            self.arrived.add(id(p))
            self._launch(lambda bucket: all(id(q) in self.arrived for q in bucket["params"].values()))

    def _launch(self, may_go):
        while self.launched < len(self.buckets) and may_go(self.buckets[self.launched]):
            bucket = self.buckets[self.launched]
            grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in bucket["params"].values()]
            bucket["flat"] = flatten(grads)
            bucket["work"] = dist.all_reduce(bucket["flat"], group=self.group, async_op=True)
            self.launched += 1

    def forward(self, *args, **kwargs):
        """Run the module."""
        return self.module(*args, **kwargs)

    @contextmanager
    def no_sync(self):
        """Count how deep we are."""
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def finish_gradient_sync(self):
        """Send the rest, ask who used what, and write the means."""
        if self.depth:
            return
        self._launch(bool)
        params = [p for bucket in self.buckets for p in bucket["params"].values()]
        used = torch.tensor([int(p.grad is not None) for p in params], device=params[0].device)
        dist.all_reduce(used, dist.ReduceOp.MAX, group=self.group)
        used = dict(zip(map(id, params), used.tolist(), strict=True))
        for bucket in self.buckets:
            bucket.pop("work").wait()
            those = list(bucket["params"].values())
            flat = bucket.pop("flat").div_(dist.get_world_size(self.group))
            for p, mean in zip(those, unflatten(flat, those), strict=True):
                if used[id(p)]:
                    p.grad = mean.detach().clone()
        self.arrived, self.launched = set(), 0


def run_uneven_epoch(ddp, optimizer, batches, loss_sum_fn, group=None):
    """Know all sizes beforehand: a table of ranks and steps."""
    sizes = [None] * dist.get_world_size(group)
    dist.all_gather_object(sizes, [len(x) for x, _ in batches], group=group)
    steps = max(map(len, sizes))
    for t in range(steps):
        n = sum(row[t] for row in sizes if t < len(row))
        optimizer.zero_grad()
        for x, y in batches[t : t + 1]:
            loss = loss_sum_fn(ddp(x), y) / n
            (loss * len(sizes)).backward()
        ddp.finish_gradient_sync()
        optimizer.step()
    return steps


def train_bucketed(config):
    """Train with it."""
    with group_of_all() as rank:
        return _train_bucketed(config, rank)


def _train_bucketed(config, rank):
    x, y = the_data(config)
    model = the_model(config)
    opt = torch.optim.SGD(model.parameters(), config["lr"], config["momentum"])
    ddp = BucketedDDP(model, bucket_cap_bytes=config["bucket_cap_bytes"])
    history, waiting = [], 0
    for epoch in range(config["epochs"]):
        mine = shard_indices(len(x), dist.get_world_size(), rank, seed=config["seed"], epoch=epoch)
        total = 0.0
        for start in range(0, len(mine), config["batch_size"]):
            batch = mine[start : start + config["batch_size"]]
            waiting += 1

            def go(batch=batch):
                loss = mse_loss(ddp(x[batch]), y[batch])
                (loss / config["grad_accum"]).backward()
                return loss.item() * len(batch)

            if waiting < config["grad_accum"]:
                with ddp.no_sync():
                    total += go()
                continue
            total += go()
            ddp.finish_gradient_sync()
            opt.step()
            opt.zero_grad()
            waiting = 0
        both = torch.tensor([total, float(len(mine))], dtype=torch.float64)
        dist.all_reduce(both)
        history.append((both[0] / both[1]).item())
    return model, history


if __name__ == "__main__" and len(sys.argv) == 3:
    print(train(json.loads(Path(sys.argv[2]).read_text()))[1])
