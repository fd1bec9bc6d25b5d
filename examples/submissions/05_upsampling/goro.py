import torch


def nearest_upsample(x, size=None, scale_factor=None, *, exact=False):
    if scale_factor is not None:
        size = [int(n * scale_factor) for n in x.shape[2:]
    rows = torch.arange(size[0]) * x.shape[2] // size[0]
    columns = torch.arange(size[1]) * x.shape[3] // size[1]
    return x[:, :, rows][:, :, :, columns]
