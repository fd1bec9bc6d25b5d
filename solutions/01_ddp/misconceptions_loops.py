"""What students get wrong in parts 5, 7 and 8, as they would write it."""

from contextlib import nullcontext

import probes
import torch
import torch.distributed as dist
from ddp_lab import make_data, make_model, make_optimizer
from misconceptions_train import join, leave, mean_over_all
from torch.nn.functional import mse_loss

from grader.checks import misconception


def total_of(n, group):
    """Return the number of samples of all ranks."""
    total = torch.tensor(n)
    dist.all_reduce(total, group=group)
    if total == 0:
        raise ValueError("no sample")
    return int(total)


@misconception(
    replaces="uneven_mean_loss",
    hint="Weight per sample, not per rank: what does a sample weigh on a rank that has few?",
    fails=["uneven_weights"],
)
def mean_of_means(loss_sum, n_local, group=None):
    total_of(n_local, group)
    return loss_sum / max(n_local, 1)


@misconception(
    replaces="uneven_mean_loss",
    hint="Afterwards the gradients are averaged. How many times too small are they on two ranks, and on three?",
    fails=["uneven_size", "uneven_value"],
)
def forgets_the_average(loss_sum, n_local, group=None):
    return loss_sum / total_of(n_local, group)


@misconception(
    replaces="uneven_mean_loss",
    hint="Take every sample twice: is your gradient twice as large? A mean would not be.",
    fails=["uneven_weights", "uneven_size", "uneven_idle", "uneven_value"],
)
def sum_over_all(loss_sum, n_local, group=None):
    total_of(n_local, group)
    return loss_sum * 1.0


@misconception(
    replaces="uneven_mean_loss",
    hint="On three ranks your gradient is too small again. Where does the number of ranks come in?",
    fails=["uneven_size"],
)
def two_ranks_only(loss_sum, n_local, group=None):
    return 2 * loss_sum / total_of(n_local, group)


@misconception(
    replaces="uneven_mean_loss",
    hint="What is the mean over no sample at all? The handout says what to raise, and on which ranks.",
    fails=["uneven_nothing"],
)
def nothing_is_zero(loss_sum, n_local, group=None):
    total = torch.tensor(n_local)
    dist.all_reduce(total, group=group)
    return loss_sum * dist.get_world_size(group) / max(int(total), 1)


def epoch(ddp, optimizer, batches, loss_sum_fn, group, *, steps=None, mean=None, idle=None):
    """Go through an epoch as it must be done, with one thing replaced. `idle` is what a rank without a batch does."""
    most = torch.tensor(len(batches))
    dist.all_reduce(most, steps or dist.ReduceOp.MAX, group=group)
    for t in range(int(most)):
        optimizer.zero_grad()
        n = len(batches[t][0]) if t < len(batches) else 0
        total = total_of(n, group)
        if n:
            loss = loss_sum_fn(ddp(batches[t][0]), batches[t][1])
            (mean(loss, n) if mean else loss * dist.get_world_size(group) / total).backward()
        ddp.finish_gradient_sync()
        if n or not idle:
            optimizer.step()
    return int(most)


@misconception(
    replaces="run_uneven_epoch",
    hint="Replicas must stay identical after every step, also on the rank that has no data.",
    fails=["epoch_replicas"],
)
def idle_rank_skips_step(ddp, optimizer, batches, loss_sum_fn, group=None):
    return epoch(ddp, optimizer, batches, loss_sum_fn, group, idle="skips")


@misconception(
    replaces="run_uneven_epoch",
    hint="Some samples were never used: how many steps does the rank with the most batches have?",
    fails=["epoch_parameters", "epoch_steps"],
)
def fewest_steps(ddp, optimizer, batches, loss_sum_fn, group=None):
    return epoch(ddp, optimizer, batches, loss_sum_fn, group, steps=dist.ReduceOp.MIN)


@misconception(
    replaces="run_uneven_epoch",
    hint="A batch of two weighs as much as a batch of four. Is that the mean over the samples?",
    fails=["epoch_weights", "epoch_parameters"],
)
def mean_of_mean_losses(ddp, optimizer, batches, loss_sum_fn, group=None):
    return epoch(ddp, optimizer, batches, loss_sum_fn, group, mean=lambda loss, n: loss / n)


def training(config, *, scale=lambda k: k, silent=True, epoch_of=lambda epoch: epoch):
    """Do what train_bucketed must do, with one thing replaced, and the wrapper that the probe supplies."""
    join()
    torch.manual_seed(config["seed"])
    x, y = make_data(config).tensors
    model, k = make_model(config), config["grad_accum"]
    optimizer = make_optimizer(config, model)
    ddp = probes.Supplied(model, bucket_cap_bytes=config["bucket_cap_bytes"])
    history = []
    for epoch in range(config["epochs"]):
        n, W, r, seed = config["n"], dist.get_world_size(), dist.get_rank(), config["seed"] + epoch_of(epoch)
        order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
        losses, sizes = [], []
        for number, batch in enumerate(order[r::W].split(config["batch_size"]), start=1):
            last = number % k == 0
            with nullcontext() if last or not silent else ddp.no_sync():
                loss = mse_loss(ddp(x[batch]), y[batch])
                (loss / scale(k)).backward()
                ddp.finish_gradient_sync()
            if last:
                optimizer.step()
                optimizer.zero_grad()
            losses.append(loss.item())
            sizes.append(len(batch))
        history.append(mean_over_all(losses, sizes))
    leave(ddp)
    return model, history


@misconception(
    replaces="train_bucketed",
    hint="Two batches of three must give the gradient of one of six. By how much is yours larger?",
    fails=["own_accumulation"],
)
def accumulates_sums(config):
    return training(config, scale=lambda k: 1)


@misconception(
    replaces="train_bucketed",
    hint="Print a line in each all-reduce: how many are there in one optimizer step when grad_accum is 2?",
    fails=["own_communication"],
)
def always_communicates(config):
    return training(config, silent=False)


@misconception(
    replaces="train_bucketed",
    hint="Print the first five indices of epochs 0 and 1.",
    fails=["own_training"],
)
def own_without_epoch(config):
    return training(config, epoch_of=lambda epoch: 0)
