# %% [markdown]
# # Distributed data parallel
#
# Read `README.md` (or `README.zh.md`) first: it has the idea, the rules and the points. Fill in the functions and the
# class below, and hand in this module or its notebook. `grader check 1` and `pytest` try your work, with two or
# three real processes, on the examples of the handout.

# %%
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

# %% [markdown]
# ## Given: what `train.py` has too
#
# Data, model, optimizer, and a checkpoint that is never half written.


# %%
def make_data(config: dict[str, Any]) -> TensorDataset:
    """Return n samples of a curve that a small network can learn: x (n, in_dim) and y (n, 1)."""
    generator = torch.Generator().manual_seed(config["seed"])
    x = torch.randn(config["n"], config["in_dim"], generator=generator, dtype=torch.float64)
    y = torch.sin(x.sum(1, keepdim=True))  # (n, 1)
    return TensorDataset(x.to(getattr(torch, config["dtype"])), y.to(getattr(torch, config["dtype"])))


# %%
def make_model(config: dict[str, Any]) -> nn.Module:
    """Return a network with one hidden layer. Its first weights come from torch's global random numbers."""
    layers = nn.Linear(config["in_dim"], config["hidden"]), nn.Tanh(), nn.Linear(config["hidden"], 1)
    return nn.Sequential(*layers).to(getattr(torch, config["dtype"]))


# %%
def make_optimizer(config: dict[str, Any], model: nn.Module) -> torch.optim.Optimizer:
    """Return SGD with momentum."""
    return torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])


# %%
def save_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """Write all that is needed to go on after this many epochs. Nobody ever sees half of a file."""
    state = {"model": model.state_dict(), "optim": optimizer.state_dict(), "epoch": epoch}
    torch.save(state, f"{path}.new")
    Path(f"{path}.new").replace(path)


# %%
def load_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Take over what was saved, and return how many epochs were done."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optim"])
    return int(state["epoch"])


# %% [markdown]
# ## Part 1: From one process to many
#
# `train.py` trains in one process. Make of it a `train` that any number of processes can run together.


# %%
# BEGIN SOLUTION
def _join_group() -> tuple[int, int]:
    """Join the group that torchrun announces, or else make a group of one. Return rank and world size."""
    if "RANK" in os.environ:
        dist.init_process_group("gloo")  # finds the others by MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE
    else:
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    return dist.get_rank(), dist.get_world_size()


# END SOLUTION


# %%
def train(config: dict[str, Any]) -> tuple[nn.Module, list[float]]:
    """Train as train.py does, in every process that torchrun started, or in this one if there is no torchrun.

    Returns, in every process, the bare model (not its wrapper) and, for each epoch that was run, the mean loss over
    the samples of all processes.

    Source:
        Li et al., "PyTorch Distributed" (VLDB 2020); https://docs.pytorch.org/tutorials/intermediate/ddp_tutorial.html
    """
    # BEGIN SOLUTION
    rank, world_size = _join_group()
    torch.manual_seed(config["seed"])
    data, model = make_data(config), make_model(config)
    optimizer = make_optimizer(config, model)
    first = 0
    if config["resume"] and Path(config["ckpt"]).exists():
        first = load_checkpoint(config["ckpt"], model, optimizer)
    ddp = DistributedDataParallel(model)  # from here on all have the weights of rank 0
    sampler = DistributedSampler(data, world_size, rank, seed=config["seed"])
    losses = []
    for epoch in range(first, config["epochs"]):
        sampler.set_epoch(epoch)
        seen = torch.zeros(2, dtype=torch.float64)  # sum of the losses, number of samples
        for x, y in DataLoader(data, config["batch_size"], sampler=sampler):
            optimizer.zero_grad()
            loss = mse_loss(ddp(x), y)
            loss.backward()  # and, on the way, the mean of all gradients
            optimizer.step()
            seen[0] += loss.item() * len(x)
            seen[1] += len(x)
        dist.all_reduce(seen)
        losses.append((seen[0] / seen[1]).item())
        if config["ckpt"] and rank == 0:
            save_checkpoint(config["ckpt"], model, optimizer, epoch + 1)
    dist.barrier()  # nobody goes on before the checkpoint is there
    del ddp  # before its group: the handout says why
    dist.destroy_process_group()
    return model, losses
    # END SOLUTION


# %% [markdown]
# ## Part 2: Who takes which sample


# %%
def shard_indices(
    n: int,
    world_size: int,
    rank: int,
    *,
    shuffle: bool = True,
    seed: int = 0,
    epoch: int = 0,
    drop_last: bool = False,
) -> list[int]:
    """Return the indices, of 0 to n - 1, that this rank visits in this epoch, in order.

    Every rank gets equally many: what is missing is repeated from the start, or, with `drop_last`, what is left over
    is dropped.

    Raises:
        ValueError: if n < 0, world_size < 1, or rank is not one of 0 to world_size - 1.

    Source:
        torch.utils.data.DistributedSampler, which gives the same.
    """
    # BEGIN SOLUTION
    if n < 0 or not 0 <= rank < world_size:
        raise ValueError(f"there is no rank {rank} of {world_size}, or n = {n} is negative")
    generator = torch.Generator().manual_seed(seed + epoch)
    order = torch.randperm(n, generator=generator).tolist() if shuffle else list(range(n))
    each = n // world_size if drop_last else -(-n // world_size)
    return [order[i % n] for i in range(rank, each * world_size, world_size)]
    # END SOLUTION


# %% [markdown]
# ## Part 3: The same start, and the mean of the gradients


# %%
def sync_module_state(module: nn.Module, src: int = 0, group: dist.ProcessGroup | None = None) -> int:
    """Give every rank the parameters and buffers of rank `src`, and return how many tensors were sent.

    A tensor that two modules share is sent once.
    """
    # BEGIN SOLUTION
    tensors = [*module.parameters(), *module.buffers()]  # both give what is shared once
    for tensor in tensors:
        dist.broadcast(tensor.detach(), src, group=group)
    return len(tensors)
    # END SOLUTION


# %%
def average_gradients(module: nn.Module, group: dist.ProcessGroup | None = None) -> None:
    """Put into each `.grad` the mean over the ranks of the group.

    A rank where `.grad` is None counts as zeros, and receives the mean. What is None everywhere stays None, and what
    does not require a gradient is left alone.
    """
    # BEGIN SOLUTION
    params = [p for p in module.parameters() if p.requires_grad]
    device = params[0].device if params else "cpu"
    used = torch.tensor([p.grad is not None for p in params], dtype=torch.int32, device=device)
    dist.all_reduce(used, group=group)  # now all ranks know the same, and will send the same
    for p, ranks in zip(params, used.tolist(), strict=True):
        if ranks == 0:
            continue
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        dist.all_reduce(p.grad, group=group)
        p.grad /= dist.get_world_size(group)
    # END SOLUTION


# %% [markdown]
# ## Part 4: All-reduce, by hand
#
# Cut the tensor into W chunks, and pass them round the ring twice: once to add them up, once to tell everybody.


# %%
@torch.no_grad()
def ring_all_reduce(x: Tensor, op: str = "sum", group: dist.ProcessGroup | None = None) -> None:
    """Replace x, in place, by its sum or mean over the ranks, each of which talks to its two neighbours only.

    Shapes:
        x: any, the same on every rank; also (), (0,), fewer elements than ranks, or not contiguous

    Raises:
        ValueError: if op is neither "sum" nor "mean".
        TypeError: for the mean of what is not floating point.

    Source:
        Patarasuk & Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations" (2009).
    """
    # BEGIN SOLUTION
    if op not in ("sum", "mean"):
        raise ValueError(f"op {op!r} is neither 'sum' nor 'mean'")
    if op == "mean" and not x.is_floating_point():
        raise TypeError(f"{x.dtype} has no mean")
    W, r = dist.get_world_size(group), dist.get_rank(group)
    if W == 1 or x.numel() == 0:
        return
    flat = x.flatten().clone()  # (N,); x may have gaps
    chunks = flat.tensor_split(W)  # W views, (N // W,) or one more
    for step in range(2 * (W - 1)):  # add up, then tell: either way the chunk that came last goes on
        out, into = chunks[(r - step) % W], chunks[(r - step - 1) % W]
        coming = torch.empty_like(into)
        sending = dist.isend(out, group=group, group_dst=(r + 1) % W)
        dist.recv(coming, group=group, group_src=(r - 1) % W)
        sending.wait()
        into.copy_(into + coming if step < W - 1 else coming)
    x.copy_((flat / W if op == "mean" else flat).view_as(x))
    # END SOLUTION


# %% [markdown]
# ## Part 5: When ranks have different numbers of samples


# %%
def uneven_mean_loss(loss_sum: Tensor, n_local: int, group: dist.ProcessGroup | None = None) -> Tensor:
    """Return the scalar to call `backward` on, so that the mean of the ranks' gradients is that of all samples.

    `loss_sum` is the sum of the losses of this rank's `n_local` samples, 0 where there are none.

    Raises:
        ValueError: on every rank, if none has a sample.
    """
    # BEGIN SOLUTION
    total = torch.tensor(n_local)
    dist.all_reduce(total, group=group)
    if total == 0:
        raise ValueError("the mean loss of no sample is not defined")
    return loss_sum * (dist.get_world_size(group) / total.item())
    # END SOLUTION


# %% [markdown]
# ## Part 6 (stretch): Communicate while backward still computes


# %%
class BucketedDDP(nn.Module):
    """A module whose gradients are averaged in buckets, each of them sent off as soon as it is full.

    `bucket_param_names` lists, bucket by bucket, the names that `module.named_parameters()` gives its parameters.

    Raises:
        ValueError: if bucket_cap_bytes is below 1.
        RuntimeError: if there is no process group, or nothing that requires a gradient.

    Source:
        Li et al., "PyTorch Distributed" (VLDB 2020), section 3.2; https://docs.pytorch.org/docs/stable/notes/ddp.html
    """

    bucket_param_names: list[list[str]]

    def __init__(
        self, module: nn.Module, *, bucket_cap_bytes: int = 25 * 2**20, group: dist.ProcessGroup | None = None
    ) -> None:
        super().__init__()
        # BEGIN SOLUTION
        named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]  # what is shared, once
        if bucket_cap_bytes < 1:
            raise ValueError(f"no bucket holds {bucket_cap_bytes} bytes")
        if not named or not dist.is_initialized():
            raise RuntimeError("there is nothing to train, or no process group")
        self.module, self.group, self.syncs = module, group, True
        sync_module_state(module, dist.get_global_rank(group, 0) if group else 0, group)
        self.bucket_param_names, self.buckets, room = [], [], 0
        for name, p in reversed(named):  # backward reaches the last layer first
            alike = self.buckets and (p.dtype, p.device) == (self.buckets[-1][0].dtype, self.buckets[-1][0].device)
            if not alike or p.nbytes > room:
                self.bucket_param_names.append([])
                self.buckets.append([])
                room = bucket_cap_bytes
            self.bucket_param_names[-1].append(name)
            self.buckets[-1].append(p)
            room -= p.nbytes
            p.register_post_accumulate_grad_hook(self._ready)
        self._begin()
        # END SOLUTION

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the module returns."""
        # BEGIN SOLUTION
        return self.module(*args, **kwargs)
        # END SOLUTION

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Let gradients accumulate: inside, neither `backward` nor `finish_gradient_sync` communicates."""
        # BEGIN SOLUTION
        before, self.syncs = self.syncs, False
        try:
            yield
        finally:
            self.syncs = before
        # END SOLUTION

    def finish_gradient_sync(self) -> None:
        """Send what has not been sent, wait for all, and put the means into `.grad`."""
        # BEGIN SOLUTION
        if not self.syncs:
            return
        while len(self.sent) < len(self.buckets):
            self._send()
        params = [p for bucket in self.buckets for p in bucket]
        used = torch.tensor([p.grad is not None for p in params], dtype=torch.int32).to(params[0].device)
        dist.all_reduce(used, group=self.group)
        anywhere = iter(used.tolist())
        for bucket, (flat, work) in zip(self.buckets, self.sent, strict=True):
            work.wait()
            means = (flat / dist.get_world_size(self.group)).split([p.numel() for p in bucket])
            for p, mean in zip(bucket, means, strict=True):
                if next(anywhere):
                    p.grad = mean.view_as(p).clone()  # memory of its own
        self._begin()
        # END SOLUTION

    # The rest is how this stub would divide the work. Nobody calls it but you: write it in another way if you like.

    def _begin(self) -> None:
        """Forget what was sent: a new step begins, and every gradient is still to come."""
        # BEGIN SOLUTION
        self.sent: list[tuple[Tensor, Any]] = []
        self.missing = [set(bucket) for bucket in self.buckets]
        # END SOLUTION

    def _ready(self, p: Tensor) -> None:
        """Hear, from p's hook, that its gradient is in. Send the buckets whose turn it is."""
        # BEGIN SOLUTION
        if not self.syncs:
            return
        for missing in self.missing:
            missing.discard(p)
        while len(self.sent) < len(self.buckets) and not self.missing[len(self.sent)]:
            self._send()
        # END SOLUTION

    def _send(self) -> None:
        """Start the all-reduce of the next bucket."""
        # BEGIN SOLUTION
        # The next in order, whichever was full first: so all ranks send the same.
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in self.buckets[len(self.sent)]]
        flat = torch.cat([grad.flatten() for grad in grads])
        self.sent.append((flat, dist.all_reduce(flat, group=self.group, async_op=True)))
        # END SOLUTION


# %% [markdown]
# ## Part 7 (stretch): Ranks that run out of batches


# %%
def run_uneven_epoch(
    ddp: BucketedDDP,
    optimizer: torch.optim.Optimizer,
    batches: list[tuple[Tensor, Tensor]],
    loss_sum_fn: Callable[[Tensor, Tensor], Tensor],
    group: dist.ProcessGroup | None = None,
) -> int:
    """Take as many optimizer steps as the rank with the most batches has, on every rank, and return how many.

    Step t is that of one process on the batches that the ranks have at t, put together.
    `loss_sum_fn(ddp(x), y)` is the sum of the losses of a batch (x, y).
    """
    # BEGIN SOLUTION
    steps = torch.tensor(len(batches))
    dist.all_reduce(steps, dist.ReduceOp.MAX, group=group)
    for t in range(int(steps)):
        optimizer.zero_grad()
        x, y = batches[t] if t < len(batches) else (None, None)
        loss_sum = torch.zeros(()) if x is None else loss_sum_fn(ddp(x), y)
        loss = uneven_mean_loss(loss_sum, 0 if x is None else len(x), group)
        if x is not None:
            loss.backward()
        ddp.finish_gradient_sync()  # also without a batch: the others wait for this rank's zeros
        optimizer.step()
    return int(steps)
    # END SOLUTION


# %% [markdown]
# ## Part 8 (stretch): Train with all that is yours


# %%
def train_bucketed(config: dict[str, Any]) -> tuple[nn.Module, list[float]]:
    """Train as `train` does, without checkpoints, with shard_indices and BucketedDDP in the place of torch's own.

    One optimizer step takes `grad_accum` batches of this rank, and communicates once.
    """
    # BEGIN SOLUTION
    rank, world_size = _join_group()
    torch.manual_seed(config["seed"])
    x, y = make_data(config).tensors
    model, k = make_model(config), config["grad_accum"]
    optimizer = make_optimizer(config, model)
    ddp = BucketedDDP(model, bucket_cap_bytes=config["bucket_cap_bytes"])
    losses = []
    for epoch in range(config["epochs"]):
        mine = torch.tensor(shard_indices(config["n"], world_size, rank, seed=config["seed"], epoch=epoch))
        seen = torch.zeros(2, dtype=torch.float64)
        for number, batch in enumerate(mine.split(config["batch_size"]), start=1):
            with nullcontext() if number % k == 0 else ddp.no_sync():
                loss = mse_loss(ddp(x[batch]), y[batch])
                (loss / k).backward()
            if number % k == 0:
                ddp.finish_gradient_sync()
                optimizer.step()
                optimizer.zero_grad()
            seen[0] += loss.item() * len(batch)
            seen[1] += len(batch)
        dist.all_reduce(seen)
        losses.append((seen[0] / seen[1]).item())
    dist.barrier()
    del ddp
    dist.destroy_process_group()
    return model, losses
    # END SOLUTION


# %% [markdown]
# ## Run it
#
# `torchrun --nproc-per-node 2 ddp_lab.py --config config.json`, or without torchrun `python ddp_lab.py --config
# config.json`. In a notebook nothing happens here.

# %%
if __name__ == "__main__" and "--config" in sys.argv:
    settings = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    print(json.dumps({"rank": os.environ.get("RANK", "0"), "losses": train(settings)[1]}), flush=True)
