"""What students get wrong in part 1, as they would write it."""

import os
from pathlib import Path

import torch
import torch.distributed as dist
from ddp_lab import load_checkpoint, make_data, make_model, make_optimizer, save_checkpoint
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler

from grader.checks import misconception


def join():
    """Join the group, or make one."""
    if "RANK" in os.environ:
        dist.init_process_group("gloo")
    else:
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)


def mean_over_all(losses, sizes):
    """Return the mean over the samples of all ranks."""
    seen = torch.tensor([sum(a * b for a, b in zip(losses, sizes, strict=True)), sum(sizes)], dtype=torch.float64)
    dist.all_reduce(seen)
    return float(seen[0] / seen[1])


def leave(ddp):
    """Wait for the checkpoint, and leave."""
    del ddp
    dist.barrier()
    dist.destroy_process_group()


def loaded(config, model, optimizer):
    """Go on from the checkpoint, if there is one."""
    there = config["resume"] and Path(config["ckpt"]).exists()
    return load_checkpoint(config["ckpt"], model, optimizer) if there else 0


def loader(config, data):
    """Return the batches of this rank, and its sampler."""
    sampler = DistributedSampler(data, seed=config["seed"])
    return DataLoader(data, config["batch_size"], sampler=sampler), sampler


def training(
    config,
    *,
    join=join,
    loaded=loaded,
    loader=loader,
    set_epoch=lambda sampler, epoch: sampler.set_epoch(epoch),
    called=lambda ddp: ddp,
    mean=mean_over_all,
    writes=lambda: dist.get_rank() == 0,
    written=lambda ddp: ddp.module,
    leave=leave,
):
    """Train as it must be done, with one thing replaced."""
    join()
    torch.manual_seed(config["seed"])
    data, model = make_data(config), make_model(config)
    optimizer = make_optimizer(config, model)
    first = loaded(config, model, optimizer)
    ddp = DistributedDataParallel(model)
    batches, sampler = loader(config, data)
    history = []
    for epoch in range(first, config["epochs"]):
        set_epoch(sampler, epoch)
        losses, sizes = [], []
        for x, y in batches:
            optimizer.zero_grad()
            loss = mse_loss(called(ddp)(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            sizes.append(len(x))
        history.append(mean(losses, sizes))
        if config["ckpt"] and writes():
            save_checkpoint(config["ckpt"], written(ddp), optimizer, epoch + 1)
    leave(ddp)
    return model, history


@misconception(
    replaces="train",
    hint="Print the first five indices of the sampler in epochs 0 and 1, on one rank. What tells it the epoch?",
    fails=["train_reshuffles"],
)
def never_set_epoch(config):
    return training(config, set_epoch=lambda sampler, epoch: None)


@misconception(
    replaces="train",
    hint="Count the samples that both ranks visit in one epoch, together. Which of them does each visit?",
    fails=["train_two_ranks"],
)
def everyone_sees_all(config):
    def batches(config, data):
        order = torch.Generator()
        sampler = torch.utils.data.RandomSampler(data, generator=order)
        return DataLoader(data, config["batch_size"], sampler=sampler), order

    return training(config, loader=batches, set_epoch=lambda order, epoch: order.manual_seed(config["seed"] + epoch))


@misconception(
    replaces="train",
    hint="Print a weight on both ranks after the first step. Through which object does your forward pass go?",
    fails=["train_two_ranks"],
)
def past_the_wrapper(config):
    return training(config, called=lambda ddp: ddp.module)


@misconception(
    replaces="train",
    hint="Print each rank's loss of an epoch. Is the number that you return the mean over all samples?",
    fails=["train_loss"],
)
def local_loss(config):
    def mean(losses, sizes):
        return sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes)

    return training(config, mean=mean)


@misconception(
    replaces="train",
    hint="The last batch of an epoch is smaller than the others. How much does each of its samples weigh in your loss?",
    fails=["train_loss"],
)
def mean_of_batches(config):
    def mean(losses, sizes):
        every = torch.tensor(losses, dtype=torch.float64).mean()
        dist.all_reduce(every)
        return float(every) / dist.get_world_size()

    return training(config, mean=mean)


@misconception(
    replaces="train",
    hint="Who writes the checkpoint? Count the calls of torch.save over all ranks.",
    fails=["train_one_writer"],
)
def all_ranks_save(config):
    return training(config, writes=lambda: True)


@misconception(
    replaces="train",
    hint="Print the keys of the saved model: can train.py's model, which has no wrapper, load it?",
    fails=["train_checkpoint", "train_resume"],
)
def saves_the_wrapper(config):
    return training(config, written=lambda ddp: ddp)


@misconception(
    replaces="train",
    hint="Four epochs must be two, a break, and two more. What does the optimizer remember from before the break?",
    fails=["train_resume"],
)
def resume_without_optimizer(config):
    def half(config, model, optimizer):
        return loaded(config, model, make_optimizer(config, model))

    return training(config, loaded=half)


@misconception(
    replaces="train",
    hint="Four epochs must be two, a break, and two more. With which epoch do you begin after the break?",
    fails=["train_resume"],
)
def resume_from_epoch_0(config):
    def again(config, model, optimizer):
        loaded(config, model, optimizer)
        return 0

    return training(config, loaded=again)


@misconception(
    replaces="train",
    hint="Resume, and print weights and momentum after the first step. The wrapper hands the model out, but what else?",
    fails=["train_resume"],
)
def resume_on_rank_0(config):
    def first(config, model, optimizer):
        if dist.get_rank() == 0:
            return loaded(config, model, optimizer)
        return loaded(config, make_model(config), make_optimizer(config, model))

    return training(config, loaded=first)


@misconception(
    replaces="train",
    hint="Run `python ddp_lab.py --config config.json`, without torchrun. Which variables are not there?",
    fails=["train_alone"],
)
def needs_torchrun(config):
    return training(config, join=lambda: dist.init_process_group("gloo"))


@misconception(
    replaces="train",
    hint="Run `python ddp_lab.py --config config.json`, without torchrun: is there a RANK in os.environ?",
    fails=["train_alone"],
)
def needs_rank(config):
    return training(config, join=lambda: (int(os.environ["RANK"]), dist.init_process_group("gloo")))


@misconception(
    replaces="train",
    hint="Have rank 0 sleep for a second before it saves. When does train return on rank 1?",
    fails=["train_waits"],
)
def nobody_waits(config):
    def at_once(ddp):
        del ddp
        dist.destroy_process_group()

    return training(config, leave=at_once)


@misconception(
    replaces="train",
    hint="After train, what does torch.distributed.is_initialized() say?",
    fails=["train_leaves"],
)
def stays_joined(config):
    def stay(ddp):
        del ddp
        dist.barrier()

    return training(config, leave=stay)
