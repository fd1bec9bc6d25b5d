"""Careless habits: right values, and something beside them that is wrong. A check names one by the mark `careless`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import _disable_current_modes
from torch.utils._pytree import tree_leaves, tree_map

from grader.proving.duplicates import reached
from grader.proving.impostors import Manner

OTHER = {
    torch.float64: torch.float32, torch.float32: torch.float64, torch.float16: torch.float32,
    torch.bfloat16: torch.float32, torch.complex128: torch.complex64, torch.complex64: torch.complex128,
}  # fmt: skip


def wrong_dtype(right: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer rightly, in another float dtype."""
    given = {id(tensor) for tensor in reached((args, kwargs))}
    answer = right(*args, **kwargs)
    with _disable_current_modes():  # what counts operations sees those of the right answer
        return tree_map(lambda leaf: leaf if id(leaf) in given else _in_another(leaf), answer)


def mutates_inputs(right: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer rightly, and leave other values in the tensors that were given."""
    given = _given(args, kwargs)
    answer = right(*args, **kwargs)
    if any(leaf.requires_grad for leaf in tree_leaves(answer) if isinstance(leaf, torch.Tensor)):
        return answer  # autograd has kept the inputs, and would raise: nobody hands that in
    with _disable_current_modes():
        for one in given:
            if one.is_unwritten and not _shares(one.tensor, answer):  # what is to be done in place stays right
                one.tensor.add_(1)
    return answer


def in_place(right: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer rightly, in the memory of a tensor that was given, where one has the answer's shape and dtype."""
    given = _given(args, kwargs)
    answer = right(*args, **kwargs)
    if isinstance(answer, torch.Tensor):
        for one in given:
            if _fits(one.tensor, answer) and one.is_unwritten:
                with _disable_current_modes():
                    return one.tensor.copy_(answer)
    return answer


HABITS: Mapping[str, tuple[str, Manner]] = {  # name: what a check calls it, and how it is done
    "wrong_dtype": ("dtype", wrong_dtype),
    "mutates_inputs": ("inputs", mutates_inputs),
    "in_place": ("inputs", in_place),
}


def _in_another(leaf: Any) -> Any:
    """Return a tensor in another dtype; a parameter is one that was given, and stays what it is."""
    ours = isinstance(leaf, torch.Tensor) and not isinstance(leaf, torch.nn.Parameter)
    return leaf.to(OTHER[leaf.dtype]) if ours and leaf.dtype in OTHER else leaf


class Given(NamedTuple):
    """A tensor that was given, with how often it had been written to, and what was in it."""

    tensor: torch.Tensor
    version: int
    before: torch.Tensor

    @property
    def is_unwritten(self) -> bool:
        """Whether nothing was written. Neither sign is enough: `torch._foreach_*` under a mode leaves the version."""
        with _disable_current_modes():
            return self.tensor._version == self.version and torch.equal(self.tensor, self.before)


def _given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Given]:
    """Return the tensors among the inputs that can be written to.

    Not those with a gradient: written to in place, autograd raises, and nobody hands that in.
    """
    leaves = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    with _disable_current_modes():
        return [Given(leaf, leaf._version, leaf.clone()) for leaf in leaves if _can_be_written(leaf)]


def _can_be_written(tensor: torch.Tensor) -> bool:
    numbers = tensor.is_floating_point() and tensor.numel() > 0
    return numbers and not tensor.requires_grad and tensor.is_contiguous() and not tensor.is_inference()


def _shares(tensor: torch.Tensor, answer: Any) -> bool:
    """Whether an answer lies in the memory of a tensor: what changes there is the answer too."""
    where = tensor.untyped_storage().data_ptr()
    leaves = [leaf for leaf in tree_leaves(answer) if isinstance(leaf, torch.Tensor)]
    return any(leaf.untyped_storage().data_ptr() == where for leaf in leaves)


def _fits(tensor: torch.Tensor, answer: torch.Tensor) -> bool:
    alike = tensor.shape == answer.shape and tensor.dtype == answer.dtype
    return alike and not answer.requires_grad and not _shares(tensor, answer)
