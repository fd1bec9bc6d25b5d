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
def train(config: dict[str, Any]) -> tuple[nn.Module, list[float]]:
    """Train as train.py does, in every process that torchrun started, or in this one if there is no torchrun.

    Returns, in every process, the bare model (not its wrapper) and, for each epoch that was run, the mean loss over
    the samples of all processes.

    Source:
        Li et al., "PyTorch Distributed" (VLDB 2020); https://docs.pytorch.org/tutorials/intermediate/ddp_tutorial.html
    """
    raise NotImplementedError("train: see README.md, part 1")


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
    raise NotImplementedError("shard_indices: see README.md, part 2")


# %% [markdown]
# ## Part 3: The same start, and the mean of the gradients


# %%
def sync_module_state(module: nn.Module, src: int = 0, group: dist.ProcessGroup | None = None) -> int:
    """Give every rank the parameters and buffers of rank `src`, and return how many tensors were sent.

    A tensor that two modules share is sent once.
    """
    raise NotImplementedError("sync_module_state: see README.md, parts 3, 9")


# %%
def average_gradients(module: nn.Module, group: dist.ProcessGroup | None = None) -> None:
    """Put into each `.grad` the mean over the ranks of the group.

    A rank where `.grad` is None counts as zeros, and receives the mean. What is None everywhere stays None, and what
    does not require a gradient is left alone.
    """
    raise NotImplementedError("average_gradients: see README.md, parts 3, 9")


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
    raise NotImplementedError("ring_all_reduce: see README.md, part 4")


# %% [markdown]
# ## Part 5: When ranks have different numbers of samples


# %%
def uneven_mean_loss(loss_sum: Tensor, n_local: int, group: dist.ProcessGroup | None = None) -> Tensor:
    """Return the scalar to call `backward` on, so that the mean of the ranks' gradients is that of all samples.

    `loss_sum` is the sum of the losses of this rank's `n_local` samples, 0 where there are none.

    Raises:
        ValueError: on every rank, if none has a sample.
    """
    raise NotImplementedError("uneven_mean_loss: see README.md, part 5")


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
        raise NotImplementedError("BucketedDDP.__init__: see README.md, parts 6, 9")

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the module returns."""
        raise NotImplementedError("BucketedDDP.forward: see README.md, parts 6, 9")

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Let gradients accumulate: inside, neither `backward` nor `finish_gradient_sync` communicates."""
        raise NotImplementedError("BucketedDDP.no_sync: see README.md, parts 6, 9")

    def finish_gradient_sync(self) -> None:
        """Send what has not been sent, wait for all, and put the means into `.grad`."""
        raise NotImplementedError("BucketedDDP.finish_gradient_sync: see README.md, parts 6, 9")

    # The rest is how this stub would divide the work. Nobody calls it but you: write it in another way if you like.

    def _begin(self) -> None:
        """Forget what was sent: a new step begins, and every gradient is still to come."""
        raise NotImplementedError("BucketedDDP._begin: see README.md, parts 6, 9")

    def _ready(self, p: Tensor) -> None:
        """Hear, from p's hook, that its gradient is in. Send the buckets whose turn it is."""
        raise NotImplementedError("BucketedDDP._ready: see README.md, parts 6, 9")

    def _send(self) -> None:
        """Start the all-reduce of the next bucket."""
        raise NotImplementedError("BucketedDDP._send: see README.md, parts 6, 9")


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
    raise NotImplementedError("run_uneven_epoch: see README.md, part 7")


# %% [markdown]
# ## Part 8 (stretch): Train with all that is yours


# %%
def train_bucketed(config: dict[str, Any]) -> tuple[nn.Module, list[float]]:
    """Train as `train` does, without checkpoints, with shard_indices and BucketedDDP in the place of torch's own.

    One optimizer step takes `grad_accum` batches of this rank, and communicates once.
    """
    raise NotImplementedError("train_bucketed: see README.md, part 8")


# %% [markdown]
# ## Run it
#
# `torchrun --nproc-per-node 2 ddp_lab.py --config config.json`, or without torchrun `python ddp_lab.py --config
# config.json`. In a notebook nothing happens here.

# %%
if __name__ == "__main__" and "--config" in sys.argv:
    settings = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    print(json.dumps({"rank": os.environ.get("RANK", "0"), "losses": train(settings)[1]}), flush=True)
