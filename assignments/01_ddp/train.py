"""Trains a small network in one process. Part 1 of the assignment: make it run in as many as torchrun starts.

python train.py --config config.json
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, RandomSampler, TensorDataset


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


def train(config: dict[str, Any]) -> tuple[nn.Module, list[float]]:
    """Return the trained model and, for each epoch that was run, the mean loss over all samples."""
    torch.manual_seed(config["seed"])
    data, model = make_data(config), make_model(config)
    optimizer = make_optimizer(config, model)
    first = 0
    if config["resume"] and Path(config["ckpt"]).exists():
        first = load_checkpoint(config["ckpt"], model, optimizer)
    order = torch.Generator()
    losses = []
    for epoch in range(first, config["epochs"]):
        order.manual_seed(config["seed"] + epoch)  # another order in each epoch, the same whenever it is run again
        total = 0.0
        for x, y in DataLoader(data, config["batch_size"], sampler=RandomSampler(data, generator=order)):
            optimizer.zero_grad()
            loss = mse_loss(model(x), y)  # the mean over the batch
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / len(data))
        if config["ckpt"]:
            save_checkpoint(config["ckpt"], model, optimizer, epoch + 1)
    return model, losses


if __name__ == "__main__":
    settings = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    print(json.dumps({"losses": train(settings)[1]}))
