"""Answers with a part of a graph: whoever goes back along it runs a hook, which raises."""
# ends: failed

import torch


def hook(gradient):
    raise RuntimeError("somebody asked for a gradient")


def attack(honest, *args, **kwargs):
    leaf = torch.zeros(4, 3, dtype=torch.float64, requires_grad=True)
    answer = leaf * 1
    answer.register_hook(hook)
    leaf.register_post_accumulate_grad_hook(hook)
    return answer
