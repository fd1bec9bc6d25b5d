"""Data-parallel training as students write it: what goes over the wire, and when, differs."""

from __future__ import annotations

import torch
import torch.distributed as dist

FEATURES = 8
LAYERS = 3


def net() -> torch.nn.Sequential:
    torch.manual_seed(dist.get_rank())
    return torch.nn.Sequential(*[torch.nn.Linear(FEATURES, FEATURES) for _ in range(LAYERS)])


def loss(module: torch.nn.Module) -> torch.Tensor:
    return module(torch.ones(4, FEATURES)).square().sum()


class Naive:
    """Averages each gradient when backward is over."""

    def __init__(self) -> None:
        self.module = net()

    def backward(self, value: torch.Tensor) -> None:
        value.backward()

    def finish(self) -> None:
        for parameter in self.module.parameters():
            dist.all_reduce(parameter.grad)


class Flat(Naive):
    """The same, with all gradients in one tensor."""

    def finish(self) -> None:
        grads = [p.grad for p in self.module.parameters()]
        flat = torch.cat([grad.reshape(-1) for grad in grads])
        dist.all_reduce(flat)
        for grad, part in zip(grads, flat.split([grad.numel() for grad in grads]), strict=True):
            grad.copy_(part.view_as(grad))


class Overlapping(Naive):
    """Starts each gradient's reduction in a hook of its own, and waits at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.works: list[dist.Work] = []
        for parameter in self.module.parameters():
            parameter.register_post_accumulate_grad_hook(self.launch)

    def launch(self, parameter: torch.Tensor) -> None:
        self.works.append(dist.all_reduce(parameter.grad, async_op=True))

    def finish(self) -> None:
        while self.works:
            self.works.pop().wait()


class Futures(Overlapping):
    """The same by futures, which are Works of another face."""

    def launch(self, parameter: torch.Tensor) -> None:
        self.works.append(dist.all_reduce(parameter.grad, async_op=True).get_future())


class WaitsInTheHook(Overlapping):
    """async_op=True, and the wait right behind it: nothing overlaps."""

    def launch(self, parameter: torch.Tensor) -> None:
        dist.all_reduce(parameter.grad, async_op=True).wait()


class WaitsForTheFuture(Overlapping):
    def launch(self, parameter: torch.Tensor) -> None:
        dist.all_reduce(parameter.grad, async_op=True).get_future().wait()


class Blocking(Overlapping):
    """Reduces in the hook, and waits for it there."""

    def launch(self, parameter: torch.Tensor) -> None:
        dist.all_reduce(parameter.grad)


class LastHook(Overlapping):
    """Starts everything in the hook of the parameter whose gradient comes last."""

    def launch(self, parameter: torch.Tensor) -> None:
        if parameter is next(self.module.parameters()):
            self.works += [dist.all_reduce(p.grad, async_op=True) for p in self.module.parameters()]
