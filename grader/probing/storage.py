"""The storages of tensors: which live at the same time, and which a graph keeps for backward."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import torch


class Memory:
    """The storages that live: those made in the block, each once, however many views it has."""

    def __init__(self) -> None:
        self.live = self.peak = self.largest = self.largest_numel = 0
        self._known: dict[int, tuple[weakref.ref[Any], int, int]] = {}  # storage: its end, bytes before, bytes counted

    def was_there(self, tensor: torch.Tensor) -> None:
        """Leave out a storage that an operation takes and that none of the block has made."""
        for storage in storages(tensor):
            if id(storage) not in self._known:
                self._count(storage, before=storage.nbytes())

    def made(self, tensor: torch.Tensor) -> None:
        """Count what an operation returned: a new storage, or one that it has made larger."""
        for storage in storages(tensor):
            _, before, _ = self._known.get(id(storage), (None, 0, 0))
            new = self._count(storage, before)
            self.largest = max(self.largest, new)
            self.largest_numel = max(self.largest_numel, min(tensor.numel(), new // tensor.element_size()))
        self.peak = max(self.peak, self.live)

    def _count(self, storage: Any, before: int) -> int:
        """Note a storage's size now, and have its end noted too. Returns the bytes above those it had before."""
        key, new = id(storage), max(0, int(storage.nbytes()) - before)
        end, _, counted = self._known.get(key) or (weakref.ref(storage, lambda _: self._ended(key)), 0, 0)
        self._known[key] = end, before, new
        self.live += new - counted
        return new

    def _ended(self, key: int) -> None:
        _, _, counted = self._known.pop(key)
        self.live -= counted

    def close(self) -> None:
        """Hear of no more ends."""
        self._known.clear()


class Saved:
    """The storages that graphs keep for backward, each once; `peak` is of those kept at the same time."""

    def __init__(self) -> None:
        self.live = self.peak = 0
        self._kept: Counter[int] = Counter()  # storage: how many saved tensors have it

    def keep(self, storage: Any) -> None:
        """Count a storage that a graph has begun to keep."""
        self._kept[id(storage)] += 1
        if self._kept[id(storage)] == 1:
            self.live += storage.nbytes()
            self.peak = max(self.peak, self.live)

    def drop(self, storage: Any) -> None:
        """Count it no more when no graph keeps it."""
        self._kept[id(storage)] -= 1
        if not self._kept[id(storage)]:
            del self._kept[id(storage)]
            self.live -= storage.nbytes()


class Kept:
    """A tensor that a graph keeps: when the graph lets go of it, those who count hear of it."""

    def __init__(self, tensor: torch.Tensor, counted_by: Iterable[Saved]) -> None:
        self.counted_by = tuple(counted_by)
        self.tensor = tensor.detach()  # what an operation returned would keep the graph alive that keeps it
        self.version = tensor._version
        own = isinstance(tensor, torch.nn.Parameter) or isinstance(tensor._base, torch.nn.Parameter)
        self.storages = [] if own else storages(tensor)  # a parameter is there with or without a graph
        for saved in self.counted_by:
            for storage in self.storages:
                saved.keep(storage)

    def __del__(self) -> None:
        for saved in self.counted_by:
            for storage in self.storages:
                saved.drop(storage)

    def back(self) -> torch.Tensor:
        """Return the tensor to the backward that needs it. Beside hooks autograd itself does not look for changes."""
        if self.tensor._version != self.version:
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an inplace operation"
            )
        return self.tensor


def tensors(tree: Any) -> Iterator[torch.Tensor]:
    """Yield the tensors in the arguments or the result of an operation."""
    if isinstance(tree, torch.Tensor):
        yield tree
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from tensors(item)
    elif isinstance(tree, dict):
        yield from tensors(list(tree.values()))


def storages(tensor: torch.Tensor) -> list[Any]:
    """Return what holds a tensor's numbers: several storages for a sparse one, none for one on `meta`."""
    if tensor.device.type == "meta":
        return []
    if tensor.layout is torch.sparse_coo:
        return [part.untyped_storage() for part in (tensor._indices(), tensor._values())]
    try:
        return [tensor.untyped_storage()]
    except (NotImplementedError, RuntimeError):  # a wrapper of another tensor, which comes by itself
        return []
