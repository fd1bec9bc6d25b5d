"""The fixtures of hidden checks. Registered when the first hidden check is collected, so they get in nobody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.referee.grading import current
from grader.referee.respondent import Respondent, Same

if TYPE_CHECKING:
    import torch


@pytest.fixture
def candidate(request: pytest.FixtureRequest) -> Respondent:
    """The student's module, asked by wire."""
    return current(request.node).candidate(request.node)


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Respondent:
    """The reference solution, asked the same way, in a trusted fork."""
    return current(request.node).reference(request.node)


@pytest.fixture
def same(request: pytest.FixtureRequest) -> Same:
    """Runs a probe on candidate and reference and compares the answers."""
    grading = current(request.node)
    return Same(grading.candidate(request.node), grading.reference(request.node))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> torch.Generator:
    """Fresh inputs: a generator on the CPU that depends on a secret, the submission and this check."""
    return current(request.node).generator(request.node)


@pytest.fixture
def device() -> torch.device:
    """Where tensors are made."""
    import torch

    return torch.device("cpu")
