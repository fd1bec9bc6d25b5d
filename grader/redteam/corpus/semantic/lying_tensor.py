"""Answers with a tensor subclass that says yes to every comparison and claims another shape, dtype and device."""
# ends: failed

import torch


class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name in ("equal", "allclose", "__eq__", "eq", "isclose", "all", "any", "isfinite", "__bool__"):
            return True
        told = super().__torch_function__(func, types, args, kwargs)
        return torch.Size([4, 3]) if name == "size" else told

    shape = property(lambda self: torch.Size([4, 3]))
    dtype = property(lambda self: torch.float64)
    device = property(lambda self: torch.device("cpu"))
    layout = property(lambda self: torch.strided)

    def numel(self):
        return 12

    def __eq__(self, other):
        return True

    __hash__ = torch.Tensor.__hash__


def attack(honest, *args, **kwargs):
    return torch.zeros(1).as_subclass(Lying)
