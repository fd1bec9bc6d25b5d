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


def make_data(config: dict[str, Any]) -> TensorDataset:
    """Return n samples of a curve that a small network can learn: x (n, in_dim) and y (n, 1)."""
    generator = torch.Generator().manual_seed(config["seed"])
    x = torch.randn(config["n"], config["in_dim"], generator=generator, dtype=torch.float64)
    y = torch.sin(x.sum(1, keepdim=True))  # (n, 1)
    return TensorDataset(x.to(getattr(torch, config["dtype"])), y.to(getattr(torch, config["dtype"])))


def make_model(config: dict[str, Any]) -> nn.Module:
    """Return a network with one hidden layer. Its first weights come from torch's global random numbers."""
    layers = nn.Linear(config["in_dim"], config["hidden"]), nn.Tanh(), nn.Linear(config["hidden"], 1)
    return nn.Sequential(*layers).to(getattr(torch, config["dtype"]))


def make_optimizer(config: dict[str, Any], model: nn.Module) -> torch.optim.Optimizer:
    """Return SGD with momentum."""
    return torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])


def save_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """Write all that is needed to go on after this many epochs. Nobody ever sees half of a file."""
    state = {"model": model.state_dict(), "optim": optimizer.state_dict(), "epoch": epoch}
    torch.save(state, f"{path}.new")
    Path(f"{path}.new").replace(path)


def load_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Take over what was saved, and return how many epochs were done."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optim"])
    return int(state["epoch"])


def _join_group() -> tuple[int, int]:
    """Join the group that torchrun announces, or else make a group of one. Return rank and world size."""
    if "RANK" in os.environ:
        dist.init_process_group("gloo")  # finds the others by MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE
    else:
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    return dist.get_rank(), dist.get_world_size()


def train(config: dict[str, Any]) -> tuple[nn.Module, list[float]]:
    """Train as train.py does, in every process that torchrun started, or in this one if there is no torchrun.

    Returns, in every process, the bare model (not its wrapper) and, for each epoch that was run, the mean loss over
    the samples of all processes.

    Source:
        Li et al., "PyTorch Distributed" (VLDB 2020); https://docs.pytorch.org/tutorials/intermediate/ddp_tutorial.html
    """
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
        if config["ckpt"]:
            save_checkpoint(config["ckpt"], model, optimizer, epoch + 1)
    dist.barrier()  # nobody goes on before the checkpoint is there
    del ddp  # before its group: the handout says why
    dist.destroy_process_group()
    return model, losses


if __name__ == "__main__" and "--config" in sys.argv:
    settings = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    print(json.dumps({"rank": os.environ.get("RANK", "0"), "losses": train(settings)[1]}), flush=True)
