"""What students get wrong in part 2, as they would write it."""

import torch
from torch.nn.functional import elu, normalize, relu

from grader.checks import misconception

MAPS = {
    "elu1": lambda x: elu(x) + 1,
    "relu": relu,
    "taylor1": lambda x: torch.cat([torch.ones_like(x[..., :1]), normalize(x, dim=-1)], -1),
}


def features(x, feature_map, maps=MAPS):
    if callable(feature_map):
        return feature_map(x)
    if feature_map not in maps:
        raise ValueError(feature_map)
    return maps[feature_map](x)


def pair(q, k, feature_map, key_mask, maps=MAPS):
    """The features of queries and of keys, those of masked keys being 0."""
    a, b = features(q, feature_map, maps), features(k, feature_map, maps)
    return a, b if key_mask is None else b * key_mask[:, None, :, None]


def mixed(a, b, v, eps):
    return a @ (b.mT @ v) / (a @ b.sum(-2).unsqueeze(-1) + eps)


@misconception(
    replaces="linear_attention",
    hint="If every value is 1, what must attention return?",
    fails=["elu1", "same_value"],
)
def no_normaliser(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    a, b = pair(q, k, feature_map, key_mask)
    return a @ (b.mT @ v)


@misconception(
    replaces="linear_attention",
    hint="The weights over keys must sum to one.",
    fails=["same_value"],
)
def normalise_by_q(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    a, b = pair(q, k, feature_map, key_mask)
    return a @ (b.mT @ v) / (a.sum(-1, keepdim=True) + eps)


@misconception(
    replaces="linear_attention",
    hint="The number of keys is what weights of 1 add up to. What do yours add up to?",
    fails=["elu1", "same_value"],
)
def divides_by_the_number_of_keys(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    a, b = pair(q, k, feature_map, key_mask)
    count = torch.tensor(k.shape[-2]) if key_mask is None else key_mask.sum(-1)[:, None, None, None]
    return a @ (b.mT @ v) / (count + eps)


@misconception(
    replaces="linear_attention",
    hint="Some of your weights are negative.",
    fails=["elu1", "elu1_proportions", "between_values"],
)
def elu_without_plus_1(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    return mixed(*pair(q, k, feature_map, key_mask, MAPS | {"elu1": elu}), v, eps)


@misconception(
    replaces="linear_attention",
    hint='With "taylor1", which weight does a key get that points away from the query?',
    fails=["taylor1"],
)
def cosine_alone(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    return mixed(*pair(q, k, feature_map, key_mask, MAPS | {"taylor1": lambda x: normalize(x, dim=-1)}), v, eps)


@misconception(
    replaces="linear_attention",
    hint='Make one key ten times as long. With "taylor1", does its weight change?',
    fails=["taylor1"],
)
def product_instead_of_cosine(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    maps = MAPS | {"taylor1": lambda x: torch.cat([torch.ones_like(x[..., :1]), x], -1)}
    return mixed(*pair(q, k, feature_map, key_mask, maps), v, eps)


@misconception(
    replaces="linear_attention",
    hint="What is the feature of a zero vector?",
    fails=["mask", "mask_of_all"],
)
def mask_before_phi(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    k = k if key_mask is None else k * key_mask[:, None, :, None]
    return mixed(*pair(q, k, feature_map, None), v, eps)


@misconception(
    replaces="linear_attention",
    hint="Set all values to 1 and mask a key. Do the weights that are left add up to 1?",
    fails=["mask"],
)
def masks_values_alone(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    v = v if key_mask is None else v * key_mask[:, None, :, None]
    return mixed(*pair(q, k, feature_map, None), v, eps)


@misconception(
    replaces="linear_attention",
    hint="Only the softmax's scores are divided by the root of D. What is divided here?",
    fails=["elu1_proportions"],
)
def scales_the_queries(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    return mixed(*pair(q / q.shape[-1] ** 0.5, k, feature_map, key_mask), v, eps)


@misconception(
    replaces="linear_attention",
    hint="Call it with eps=1, and every answer shrinks. Where in your formula does eps stand?",
    fails=["eps"],
)
def at_least_eps(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    a, b = pair(q, k, feature_map, key_mask)
    return a @ (b.mT @ v) / (a @ b.sum(-2).unsqueeze(-1)).clamp(min=eps)


@misconception(
    replaces="linear_attention",
    hint="Call it with eps=1. Does anything change?",
    fails=["eps"],
)
def eps_of_its_own(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    return mixed(*pair(q, k, feature_map, key_mask), v, 1e-6)


@misconception(
    replaces="linear_attention",
    hint="Is there a tensor with a number for each query and each key? Which product makes it?",
    fails=["linear_memory"],
)
def builds_the_matrix(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    a, b = pair(q, k, feature_map, key_mask)
    weights = a @ b.mT
    return weights @ v / (weights.sum(-1, keepdim=True) + eps)


@misconception(
    replaces="linear_attention",
    hint='What does your function make of feature_map="elu"? The handout says which exception is raised.',
    fails=["unknown_feature_map"],
)
def takes_any_name(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    known = callable(feature_map) or feature_map in MAPS
    return mixed(*pair(q, k, feature_map if known else "elu1", key_mask), v, eps)


@misconception(
    replaces="linear_attention",
    hint="What does your function make of a name that it does not know? Look at which exception it raises.",
    fails=["unknown_feature_map"],
)
def key_error(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    phi = feature_map if callable(feature_map) else MAPS[feature_map]
    return mixed(*pair(q, k, phi, key_mask), v, eps)


@misconception(
    replaces="linear_attention",
    hint="Compare k before and after the call. An assignment to k[...] changes the caller's tensor.",
    fails=["kernel_manners"],
)
def masks_features_in_place(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    answer = mixed(*pair(q, k, feature_map, key_mask), v, eps)
    if key_mask is not None:
        k[~key_mask[:, None, :].expand(k.shape[:-1])] = 0
    return answer


@misconception(
    replaces="linear_attention",
    hint="elu goes down to -1, and so needs its + 1. How far down does relu go?",
    fails=["relu"],
)
def relu_plus_1(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    return mixed(*pair(q, k, feature_map, key_mask, MAPS | {"relu": lambda x: relu(x) + 1}), v, eps)


@misconception(
    replaces="linear_attention",
    hint="Nothing is causal before part 4. Which keys does your first query see?",
    fails=["elu1_proportions", "order_of_keys"],
)
def sees_no_later_key(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    a, b = pair(q, k, feature_map, key_mask)
    weights = (a @ b.mT).tril()
    return weights @ v / (weights.sum(-1, keepdim=True) + eps)
