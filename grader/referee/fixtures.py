"""The fixtures of hidden checks. Registered when the first hidden check is collected, so they get in nobody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.referee.grading import Grading, current
from grader.referee.respondent import Respondent, Same

if TYPE_CHECKING:
    import torch


@pytest.fixture
def grading(request: pytest.FixtureRequest) -> Grading:
    """The submission that is being graded."""
    return current(request.node)


@pytest.fixture
def candidate(request: pytest.FixtureRequest, grading: Grading) -> Respondent:
    """The student's module, asked by wire."""
    return grading.candidate(request.node)


@pytest.fixture
def reference(request: pytest.FixtureRequest, grading: Grading) -> Respondent:
    """The reference solution, asked the same way, in a trusted fork."""
    return grading.reference(request.node)


@pytest.fixture
def same(candidate: Respondent, reference: Respondent) -> Same:
    """Runs a probe on candidate and reference and compares the answers."""
    return Same(candidate, reference)


@pytest.fixture
def rng(request: pytest.FixtureRequest, grading: Grading) -> torch.Generator:
    """Fresh inputs: a generator on the CPU that depends on a secret, the submission and this check."""
    return grading.generator(request.node)


@pytest.fixture
def device() -> torch.device:
    """Where tensors are made."""
    import torch

    return torch.device("cpu")
