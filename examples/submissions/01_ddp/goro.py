import torch
import torch.distributed as dist


def shard_indices(n, world_size, rank, *, shuffle=True, seed=0, epoch=0, drop_last=False):
    if n < 0 or not 0 <= rank < world_size:
        raise ValueError
    g = torch.Generator().manual_seed(seed + epoch)
    idx = torch.randperm(n, generator=g).tolist() if shuffle else list(range(n))
    k = n // world_size if drop_last else -(-n // world_size)
    while idx and len(idx) < k * world_size:
        idx = idx + idx[: k * world_size - len(idx)]
    return idx[rank * k : (rank + 1) * k]


def sync_module_state(module, src=0, group=None):
    ps = list(module.parameters())
    for p in ps:
        dist.broadcast(p.data, src, group)
    return len(ps)


def average_gradients(module, group=None):
    for p in module.parameters():
        if not p.requires_grad:
            continue
        n = torch.tensor(float(p.grad is not None))
        dist.all_reduce(n, group=group)
        if n > 0:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            dist.all_reduce(p.grad, group=group)
            p.grad /= n


def uneven_mean_loss(loss_sum, n_local, group=None):
    n = torch.tensor(n_local)
    dist.all_reduce(n, group=group)
    if n == 0:
        raise ValueError
    return loss_sum / max(n_local, 1)
