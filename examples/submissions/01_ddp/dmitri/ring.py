"""My ring."""

import torch
import torch.distributed as dist


@torch.no_grad()
def ring_all_reduce(x, op="sum", group=None):
    if op not in ("sum", "mean"):
        raise ValueError(op)
    if op == "mean" and not x.is_floating_point():
        raise TypeError
    world, rank = dist.get_world_size(group), dist.get_rank(group)
    buffer = x.reshape(-1).clone()
    size = buffer.numel() // world
    parts = [buffer[i * size : (i + 1) * size] for i in range(world)]
    for phase in (0, 1):
        for step in range(world - 1):
            i = (rank + phase - step) % world
            j = (i - 1) % world
            got = torch.empty_like(parts[j])
            request = dist.isend(parts[i], (rank + 1) % world)
            dist.recv(got, (rank - 1) % world)
            request.wait()
            if phase:
                parts[j].copy_(got)
            else:
                parts[j].add_(got)
    if op == "mean":
        buffer /= world
    x.copy_(buffer.reshape(x.shape))
