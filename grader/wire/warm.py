"""Imports and runs once what torch imports lazily, so that no fork has to."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io

import torch

LAZY = (
    "torch._dynamo", "torch.distributed", "torch.func", "torch.nn.parallel", "torch.nn.utils.parametrize",
    "torch.optim.lr_scheduler", "torch.optim.swa_utils", "torch.overrides", "torch.testing",
    "torch.utils.checkpoint", "torch.utils.data", "torch.utils.flop_counter", "torch.utils._python_dispatch",
    "numpy.random", "numpy.linalg",
    "abc", "argparse", "collections", "contextlib", "copy", "csv", "dataclasses", "datetime", "dis", "enum",
    "functools", "glob",
    "heapq", "inspect", "itertools", "json", "linecache", "logging", "math", "operator", "pathlib", "pprint",
    "queue", "random", "re", "statistics", "string", "tempfile", "textwrap", "time", "traceback", "typing",
    "unittest.mock", "uuid", "warnings",
)  # fmt: skip


def warm_up() -> None:
    """Import the lazy modules and run one small training step, on one thread."""
    torch.set_num_threads(1)  # before any operation: a fork of a process whose OpenMP pool has run hangs
    for name in LAZY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    model = torch.nn.Sequential(torch.nn.Conv1d(2, 3, 3, padding=1), torch.nn.LayerNorm(4), torch.nn.GELU())
    for optimizer in (torch.optim.SGD(model.parameters(), lr=0.1), torch.optim.AdamW(model.parameters())):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(torch.ones(1, 2, 4)), torch.zeros(1, 3, 4)).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    torch.load(file, weights_only=True)
    _algebra()
    gc.collect()


def _algebra() -> None:
    square = torch.eye(3, dtype=torch.float64) + torch.ones(3, 3, dtype=torch.float64)
    torch.linalg.solve(square, square)
    torch.linalg.eigh(square)
    torch.einsum("ij,jk->ik", square, square)
    torch.testing.assert_close(square, square.clone())
    torch.randn(3, generator=torch.Generator().manual_seed(0))
    repr(square)
    with torch.overrides.BaseTorchFunctionMode(), torch.no_grad():
        torch.add(square, 1)
