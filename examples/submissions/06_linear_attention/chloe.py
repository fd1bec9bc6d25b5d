import torch
import torch.nn.functional as F

# I ran out of time after part 3, sorry


def softmax_attention(q, k, v, *, causal=False, key_mask=None):
    scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
    if causal:
        n = q.shape[2]
        future = torch.ones(n, n).triu(1).bool()
        scores = scores.masked_fill(future, -1e9)
    if key_mask is not None:
        scores = scores.masked_fill(~key_mask[:, None, None, :], -1e9)
    return scores.softmax(3) @ v


def product_attention(q, k, v, order="auto"):
    if order == "left":
        return (q @ k.transpose(2, 3)) @ v
    # linear is always better
    return q @ (k.transpose(2, 3) @ v)


def linear_attention(q, k, v, *, feature_map="elu1", key_mask=None, eps=1e-6):
    if key_mask is not None:
        k = k * key_mask[:, None, :, None]
    if feature_map == "elu1":
        phi = lambda x: F.elu(x) + 1
    elif feature_map == "relu":
        phi = F.relu
    else:
        phi = feature_map
    Q, K = phi(q), phi(k)
    KV = K.transpose(2, 3) @ v
    Z = K.sum(2, keepdim=True)
    return Q @ KV / ((Q * Z).sum(3, keepdim=True) + eps)


def efficient_attention(q, k, v, *, key_mask=None):
    raise NotImplementedError  # TODO
