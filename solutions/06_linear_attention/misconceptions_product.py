"""What students get wrong in part 1, as they would write it."""

import torch

from grader.checks import misconception


def seen(q, k, causal, key_mask):
    """Which key each query may see, as a mask that broadcasts over heads."""
    keep = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool)
    keep = keep.tril() if causal else keep
    return keep if key_mask is None else keep & key_mask[:, None, None, :]


def refused(q, k, causal):
    if causal and q.shape[-2] != k.shape[-2]:
        raise ValueError("lengths")


def softmaxed(q, k, v, keep, scale=True):
    scores = q @ k.mT / (q.shape[-1] ** 0.5 if scale else 1)
    return scores.masked_fill(~keep, -torch.inf).softmax(-1).masked_fill(~keep, 0) @ v


def fit(q, k, v, order):
    if order not in ("left", "right", "auto") or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("order or shapes")


@misconception(
    replaces="softmax_attention",
    hint="Double D by repeating the features: do your weights stay as sharp as they were?",
    fails=["softmax"],
)
def no_scale(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    return softmaxed(q, k, v, seen(q, k, causal, key_mask), scale=False)


@misconception(
    replaces="softmax_attention",
    hint="True means: keep. Which keys does your mask leave?",
    fails=["softmax_mask"],
)
def mask_inverted(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    return softmaxed(q, k, v, seen(q, k, causal, None if key_mask is None else ~key_mask))


@misconception(
    replaces="softmax_attention",
    hint="Add up each row of your weights after the mask. Is it still 1?",
    fails=["softmax_causal", "softmax_mask"],
)
def masks_after_the_softmax(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights.masked_fill(~seen(q, k, causal, key_mask), 0) @ v


@misconception(
    replaces="softmax_attention",
    hint="A score of 0 is a score like any other: what weight does a key with it get?",
    fails=["softmax_causal", "softmax_mask"],
)
def zero_scores(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.masked_fill(~seen(q, k, causal, key_mask), 0).softmax(-1) @ v


@misconception(
    replaces="softmax_attention",
    hint="Which tokens does your first query see, and which your last one?",
    fails=["softmax_causal"],
)
def sees_the_future(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    keep = seen(q, k, False, key_mask)
    return softmaxed(q, k, v, keep & torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).triu() if causal else keep)


@misconception(
    replaces="softmax_attention",
    hint="A row of scores that are all -inf: what does softmax make of it, and what should come out?",
    fails=["softmax_nothing_to_see"],
)
def nan_where_nothing_is_seen(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.masked_fill(~seen(q, k, causal, key_mask), -torch.inf).softmax(-1) @ v


@misconception(
    replaces="softmax_attention",
    hint="A very negative score instead of -inf: how are the weights spread where no key may be seen?",
    fails=["softmax_nothing_to_see"],
)
def average_where_nothing_is_seen(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.masked_fill(~seen(q, k, causal, key_mask), -1e9).softmax(-1) @ v


@misconception(
    replaces="product_attention",
    hint="For 8 tokens and 64 features, which product is cheaper?",
    fails=["auto_wide"],
)
def always_right(q, k, v, order="auto"):
    fit(q, k, v, order)
    return (q @ k.mT) @ v if order == "left" else q @ (k.mT @ v)


@misconception(
    replaces="product_attention",
    hint="For 256 tokens and 16 features, how many numbers does your first product make?",
    fails=["auto_long"],
)
def always_left(q, k, v, order="auto"):
    fit(q, k, v, order)
    return q @ (k.mT @ v) if order == "right" else (q @ k.mT) @ v


@misconception(
    replaces="product_attention",
    hint="There is no softmax in this one, and nothing else that takes its place.",
    fails=["product"],
)
def scales_the_product(q, k, v, order="auto"):
    fit(q, k, v, order)
    return takes_any_order(q / q.shape[-1] ** 0.5, k, v, order)


@misconception(
    replaces="product_attention",
    hint='What does your function make of order="middle"? The handout says which exception is raised.',
    fails=["product_refuses"],
)
def takes_any_order(q, k, v, order="auto"):
    fit(q, k, v, "auto")
    (N, D), (M, E) = q.shape[-2:], v.shape[-2:]
    left = order == "left" or (order != "right" and N * M * (D + E) < D * E * (M + N))
    return (q @ k.mT) @ v if left else q @ (k.mT @ v)


@misconception(
    replaces="softmax_attention",
    hint="Look at the dtypes: what do you return for float64 inputs?",
    fails=["product_manners"],
)
def softmax_in_float32(q, k, v, *, causal=False, key_mask=None):
    refused(q, k, causal)
    return softmaxed(q.float(), k.float(), v.float(), seen(q, k, causal, key_mask))


@misconception(
    replaces="softmax_attention",
    hint="Four queries and six keys, causal: which key is the last that the first query may see, and who says so?",
    fails=["product_refuses"],
)
def causal_of_other_lengths(q, k, v, *, causal=False, key_mask=None):
    return softmaxed(q, k, v, seen(q, k, causal, key_mask))


@misconception(
    replaces="product_attention",
    hint='With order="left", which of the three matrices is still there after your first product?',
    fails=["orders"],
)
def swaps_the_orders(q, k, v, order="auto"):
    fit(q, k, v, order)
    return takes_any_order(q, k, v, {"left": "right", "right": "left"}.get(order, order))
