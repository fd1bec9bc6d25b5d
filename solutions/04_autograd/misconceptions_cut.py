"""What students get wrong in part 7, as they would write it."""

import torch
from torch import nn

from grader.checks import misconception


def refuse_others(target, source):
    if [x.shape for x in target.state_dict().values()] != [x.shape for x in source.state_dict().values()]:
        raise ValueError("shapes")


@torch.no_grad()
def moved(target, source, decay, *, parameters=True, buffers="copied"):
    if parameters:
        for p, q in zip(target.parameters(), source.parameters(), strict=True):
            p.mul_(decay).add_((1 - decay) * q)
    for p, q in zip(target.buffers(), source.buffers(), strict=True):
        if buffers == "copied":
            p.copy_(q)
        elif buffers == "averaged" and p.is_floating_point():
            p.mul_(decay).add_((1 - decay) * q)


# ---- ema_update ------------------------------------------------------------------------------------------------


@misconception(
    replaces="ema_update",
    hint="Is it still the same parameter, and still a leaf?",
    fails=["ema_in_place"],
)
def ema_rebinds(target, source, decay):
    refuse_others(target, source)
    others = dict(source.named_modules())
    for name, module in target.named_modules():
        for key, p in list(module.named_parameters(recurse=False)):
            q = getattr(others[name], key)
            setattr(module, key, nn.Parameter((decay * p + (1 - decay) * q).detach()))
    moved(target, source, decay, parameters=False)


@misconception(
    replaces="ema_update",
    hint="With decay 1 nothing should change.",
    fails=["ema"],
)
def ema_swapped(target, source, decay):
    refuse_others(target, source)
    moved(target, source, 1 - decay)


@misconception(
    replaces="ema_update",
    hint="state_dict has more than parameters.",
    fails=["ema_buffers"],
)
def ema_no_buffers(target, source, decay):
    refuse_others(target, source)
    moved(target, source, decay, buffers="left")


@misconception(
    replaces="ema_update",
    hint="The statistics of a BatchNorm are averages already. What does the handout do with buffers?",
    fails=["ema_buffers"],
)
def ema_averages_buffers(target, source, decay):
    refuse_others(target, source)
    moved(target, source, decay, buffers="averaged")


@misconception(
    replaces="ema_update",
    hint="Two networks that are not built alike: how many parameters have you written before you notice?",
    fails=["ema_refuses"],
)
@torch.no_grad()
def ema_notices_late(target, source, decay):
    for p, q in zip(target.parameters(), source.parameters(), strict=True):
        if p.shape != q.shape:
            raise ValueError("shapes")
        p.mul_(decay).add_((1 - decay) * q)
    moved(target, source, decay, parameters=False)


@misconception(
    replaces="ema_update",
    hint="Two networks that are not built alike: which exception does the handout ask for, and which one comes?",
    fails=["ema_refuses"],
)
def ema_leaves_it_to_torch(target, source, decay):
    moved(target, source, decay)


# ---- td_loss ---------------------------------------------------------------------------------------------------


def td(net, target_net, s, s2, r, gamma, *, label_grad=False, squeeze=True, swap=False):
    value, following = net(s), target_net(s2)
    if squeeze:
        value, following = value.squeeze(-1), following.squeeze(-1)
    label = r + gamma * following
    if swap:
        return (value.detach() - label).square().mean()
    return (value - (label if label_grad else label.detach())).square().mean()


@misconception(
    replaces="td_loss",
    hint="The target is a label. Should it move?",
    fails=["td_loss_of_one_net"],
)
def td_no_detach(net, target_net, s, s2, r, gamma):
    return td(net, target_net, s, s2, r, gamma, label_grad=True)


@misconception(
    replaces="td_loss",
    hint="Values are (B, 1) and rewards are (B,). Which shape has their sum?",
    fails=["td_loss"],
)
def td_broadcasts(net, target_net, s, s2, r, gamma):
    return td(net, target_net, s, s2, r, gamma, squeeze=False)


@misconception(
    replaces="td_loss",
    hint="Which of the two is to move towards the other? You have detached the prediction.",
    fails=["td_loss"],
)
def td_detaches_the_prediction(net, target_net, s, s2, r, gamma):
    return td(net, target_net, s, s2, r, gamma, swap=True)


@misconception(
    replaces="td_loss",
    hint="Try gamma = 0: the label is then the reward alone. Where is your gamma?",
    fails=["td_loss", "td_loss_of_one_net"],
)
def td_discounts_the_reward(net, target_net, s, s2, r, gamma):
    return td(net, target_net, s, s2, gamma * r, 1.0)


# ---- ste_round, accumulate -------------------------------------------------------------------------------------


@misconception(
    replaces="ste_round",
    hint="The gradient of rounding is 0 almost everywhere. What should come through instead?",
    fails=["ste"],
)
def rounds_the_gradient_away(x):
    return x.round()


@misconception(
    replaces="ste_round",
    hint="Look at the values: are they whole numbers?",
    fails=["ste"],
)
def detaches_the_wrong_half(x):
    return x.round().detach() + (x - x.detach()) + (x - x.round()).detach()


def backward_of(model, loss_fn, batches, weights):
    total = 0.0
    for (x, y), weight in zip(batches, weights, strict=True):
        loss = loss_fn(model(x), y) * weight
        loss.backward()
        total += loss.item()
    return total


def shares(batches):
    samples = sum(len(x) for x, _ in batches)
    return [len(x) / samples for x, _ in batches]


@misconception(
    replaces="accumulate",
    hint="Three batches, the last with one sample: how much does that sample weigh?",
    fails=["accumulate"],
)
def mean_of_means(model, loss_fn, batches):
    return backward_of(model, loss_fn, batches, [1 / len(batches)] * len(batches))


@misconception(
    replaces="accumulate",
    hint="Split a batch in two: does your gradient stay what it was?",
    fails=["accumulate"],
)
def sum_of_means(model, loss_fn, batches):
    return backward_of(model, loss_fn, batches, [1.0] * len(batches))


@misconception(
    replaces="accumulate",
    hint="There may be a gradient from before. The handout adds to it.",
    fails=["accumulate"],
)
def clears_what_was_there(model, loss_fn, batches):
    model.zero_grad()
    return backward_of(model, loss_fn, batches, shares(batches))


@misconception(
    replaces="accumulate",
    hint="When is the graph of the first batch thrown away? A single backward has kept them all.",
    fails=["accumulate_memory"],
)
def one_backward_at_the_end(model, loss_fn, batches):
    loss = sum(loss_fn(model(x), y) * w for (x, y), w in zip(batches, shares(batches), strict=True))
    loss.backward()
    return loss.item()
