"""What students get wrong about the bilinear kernel of part 5, as they would write it."""

import torch

from grader.checks import misconception


def tent(k, r, centre):
    return 1 - (torch.arange(k) - centre).abs() / r


def diagonal(channels, kernel):
    return torch.eye(channels)[:, :, None, None] * kernel


@misconception(
    replaces="bilinear_kernel",
    hint="Upsampling channel 0 changed channel 1.",
    fails=["bilinear_kernel_mixes_nothing"],
)
def bilinear_kernel_full(channels, r):
    k = 2 * r - r % 2
    t = tent(k, r, (k - 1) / 2)
    return torch.outer(t, t).expand(channels, channels, k, k).clone(), k, (k - r) // 2


@misconception(
    replaces="bilinear_kernel",
    hint="Upsample an image of three equal channels: are they equal in the output?",
    fails=["bilinear_kernel_mixes_nothing"],
)
def kernel_for_one_channel(channels, r):
    k = 2 * r - r % 2
    t = tent(k, r, (k - 1) / 2)
    w = torch.zeros(channels, channels, k, k)
    w[0, 0] = torch.outer(t, t)
    return w, k, (k - r) // 2


@misconception(
    replaces="bilinear_kernel",
    hint="For r = 2 the kernel has four taps: where is their middle? Upsample a ramp and look for a shift.",
    fails=["bilinear_kernel"],
)
def middle_on_a_tap(channels, r):
    k = 2 * r - r % 2
    t = tent(k, r, r - 1)
    return diagonal(channels, torch.outer(t, t)), k, (k - r) // 2


@misconception(
    replaces="bilinear_kernel",
    hint="Upsample an image of ones: how bright is it? The taps that meet in one output pixel have to add up to 1.",
    fails=["bilinear_kernel"],
)
def kernel_adds_up_to_one(channels, r):
    k = 2 * r - r % 2
    t = tent(k, r, (k - 1) / 2)
    t = t / t.sum()
    return diagonal(channels, torch.outer(t, t)), k, (k - r) // 2


@misconception(
    replaces="bilinear_kernel",
    hint="An r x r kernel of ones repeats pixels. Which upsampling is that?",
    fails=["bilinear_kernel"],
)
def kernel_of_ones(channels, r):
    return diagonal(channels, torch.ones(r, r)), r, 0


@misconception(
    replaces="bilinear_kernel",
    hint="r = 3: how large is the output of your kernel and padding, and how large should it be?",
    fails=["bilinear_kernel"],
)
def always_twice_r(channels, r):
    k = 2 * r
    t = tent(k, r, (k - 1) / 2)
    return diagonal(channels, torch.outer(t, t)), k, r // 2
