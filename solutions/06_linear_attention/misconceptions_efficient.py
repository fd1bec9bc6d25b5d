"""What students get wrong in part 3, as they would write it."""

import torch

from grader.checks import misconception


def kept(key_mask):
    """A mask of keys, as one of k's rows."""
    if not key_mask.any(-1).all():
        raise ValueError("no key")
    return key_mask[:, None, :, None]


def hidden(k, key_mask):
    return k if key_mask is None else k.masked_fill(~kept(key_mask), -torch.inf)


@misconception(
    replaces="efficient_attention",
    hint="Over which axis must the weights of one query add to 1?",
    fails=["efficient", "efficient_same_value"],
)
def softmax_axes_swapped(q, k, v, *, key_mask=None):
    keys = k.softmax(-1)
    keys = keys if key_mask is None else keys * kept(key_mask)
    return q.softmax(-2) @ (keys.mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="Add up the weights that one feature gives to all keys. Is it 1?",
    fails=["efficient", "efficient_same_value"],
)
def keys_over_features(q, k, v, *, key_mask=None):
    keys = k.softmax(-1)
    keys = keys if key_mask is None else keys * kept(key_mask)
    return q.softmax(-1) @ (keys.mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="Give one query alone, and then two: should the first answer change?",
    fails=["efficient", "efficient_same_value"],
)
def queries_over_the_sequence(q, k, v, *, key_mask=None):
    return q.softmax(-2) @ (hidden(k, key_mask).softmax(-2).mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="A softmax does not give a key of zeros the weight 0. Which weight does it give?",
    fails=["efficient_mask"],
)
def zeroes_masked_keys(q, k, v, *, key_mask=None):
    k = k if key_mask is None else k * kept(key_mask)
    return q.softmax(-1) @ (k.softmax(-2).mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="Set all values to 1 and mask a key. What comes out, and who has the rest?",
    fails=["efficient_mask"],
)
def masks_after_both(q, k, v, *, key_mask=None):
    keys = k.softmax(-2)
    keys = keys if key_mask is None else keys * kept(key_mask)
    return q.softmax(-1) @ (keys.mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="What is exp(1000)? And how does a softmax get by without it?",
    fails=["large_logits"],
)
def plain_exponentials(q, k, v, *, key_mask=None):
    a, b = q.exp(), hidden(k, key_mask).exp()
    return (a / a.sum(-1, keepdim=True)) @ ((b / b.sum(-2, keepdim=True)).mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="Only the baseline of part 1 divides by the root of D.",
    fails=["efficient"],
)
def scales_as_the_baseline(q, k, v, *, key_mask=None):
    return (q / q.shape[-1] ** 0.5).softmax(-1) @ (hidden(k, key_mask).softmax(-2).mT @ v)


@misconception(
    replaces="efficient_attention",
    hint="Is there a tensor with a number for each query and each key? Which product makes it?",
    fails=["efficient_linear_memory"],
)
def multiplies_the_weights(q, k, v, *, key_mask=None):
    return (q.softmax(-1) @ hidden(k, key_mask).softmax(-2).mT) @ v


@misconception(
    replaces="efficient_attention",
    hint="Mask all keys of one entry of the batch. What should a distribution over nothing be?",
    fails=["efficient_mask_of_all"],
)
def distribution_over_nothing(q, k, v, *, key_mask=None):
    k = k if key_mask is None else k.masked_fill(~key_mask[:, None, :, None], -torch.inf)
    return q.softmax(-1) @ (k.softmax(-2).nan_to_num().mT @ v)
