"""What students get wrong in part 7, as they would write it."""

import math

import torch

from grader.checks import misconception


def base_of(weight, r, generator, base_init):
    if weight.shape[0] % r**2:
        raise ValueError("channels")
    base = weight.new_empty(weight.shape[0] // r**2, *weight.shape[1:])
    base_init(base, generator=generator)
    return base


def filled(weight, value):
    with torch.no_grad():
        return weight.copy_(value)


KAIMING = torch.nn.init.kaiming_normal_


@misconception(
    replaces="icnr_",
    hint="Which channels become neighbours after the shuffle?",
    fails=["icnr_blocks"],
)
def icnr_tile(weight, r, *, generator=None, base_init=KAIMING):
    return filled(weight, base_of(weight, r, generator, base_init).repeat(r**2, 1, 1, 1))


@misconception(
    replaces="icnr_",
    hint="Are the r * r kernels of one block equal? You have drawn every one of them.",
    fails=["icnr_blocks"],
)
def icnr_draws_all(weight, r, *, generator=None, base_init=KAIMING):
    if weight.shape[0] % r**2:
        raise ValueError("channels")
    with torch.no_grad():
        base_init(weight, generator=generator)
    return weight


@misconception(
    replaces="icnr_",
    hint="How many different kernels does your weight have, and how many channels come out of the shuffle?",
    fails=["icnr_kernels"],
)
def icnr_one_for_all(weight, r, *, generator=None, base_init=KAIMING):
    return filled(weight, base_of(weight, r, generator, base_init)[:1].expand_as(weight))


@misconception(
    replaces="icnr_",
    hint="Print torch.get_rng_state() before and after. Whose generator draws?",
    fails=["icnr_base"],
)
def icnr_without_the_generator(weight, r, *, generator=None, base_init=KAIMING):
    return filled(weight, base_of(weight, r, None, base_init).repeat_interleave(r**2, 0))


@misconception(
    replaces="icnr_",
    hint="Which shape do you give to base_init? It is asked for one kernel of each block.",
    fails=["icnr_base"],
)
def icnr_draws_too_many(weight, r, *, generator=None, base_init=KAIMING):
    base_of(weight, r, generator, lambda tensor, generator: tensor)
    all_of_them = torch.empty_like(weight)
    with torch.no_grad():
        base_init(all_of_them, generator=generator)
    return filled(weight, all_of_them[:: r**2].repeat_interleave(r**2, 0))


@misconception(
    replaces="icnr_",
    hint="base_init is an argument. Does your weight change when another one is given?",
    fails=["icnr_base"],
)
def icnr_with_its_own_init(weight, r, *, generator=None, base_init=KAIMING):
    return filled(weight, base_of(weight, r, generator, KAIMING).repeat_interleave(r**2, 0))


@misconception(
    replaces="icnr_",
    hint="Try it on the weight of an nn.Conv2d, which asks for a gradient. What does autograd say to that?",
    fails=["icnr_in_place"],
)
def icnr_on_the_graph(weight, r, *, generator=None, base_init=KAIMING):
    return weight.copy_(base_of(weight, r, generator, base_init).repeat_interleave(r**2, 0))


@misconception(
    replaces="icnr_",
    hint="The underscore of the name is a promise: is what you return the weight that was given?",
    fails=["icnr_in_place"],
)
def icnr_returns_a_copy(weight, r, *, generator=None, base_init=KAIMING):
    return filled(weight, base_of(weight, r, generator, base_init).repeat_interleave(r**2, 0)).clone()


@misconception(
    replaces="icnr_",
    hint="6 channels and r = 2: how many come out of the shuffle? The handout says which exception that is.",
    fails=["icnr_in_place"],
)
def icnr_of_any_channels(weight, r, *, generator=None, base_init=KAIMING):
    base = weight.new_empty(math.ceil(weight.shape[0] / r**2), *weight.shape[1:])
    base_init(base, generator=generator)
    return filled(weight, base.repeat_interleave(r**2, 0)[: weight.shape[0]])
