"""The fixtures of hidden checks. Registered when the first hidden check is collected, so they get in nobody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.referee.calibrated import Calibrated
from grader.referee.grading import current
from grader.referee.leniency import any_float, is_lenient
from grader.referee.respondent import Respondent, Same

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch


@pytest.fixture(autouse=True)
def _float_dtypes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leaves the float dtype to the check of the part that is marked for it."""
    item = request.node
    if not item.get_closest_marker("check"):
        yield  # a test of something else, in the same run
        return
    grading = current(item)
    with any_float(is_lenient(grading.check(item), grading.checks.values())):
        yield


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
def calibrated(request: pytest.FixtureRequest) -> Calibrated:
    """Runs a probe on candidate and reference and compares within the budget that the inputs' dtype sets."""
    grading = current(request.node)
    need = grading.check(request.node).gpu
    tf32 = need is not None and need.precision == "tf32"
    return Calibrated(grading.candidate(request.node), grading.reference(request.node), tf32=tf32)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> torch.Generator:
    """Fresh inputs: a generator on the CPU that depends on a secret, the submission and this check."""
    return current(request.node).generator(request.node)


@pytest.fixture
def device() -> torch.device:
    """Where tensors are made: the CPU, for no GPU is touched here.

    Sent to a probe in a check that needs a GPU it arrives as that GPU, as all tensors that are sent do.
    """
    import torch

    return torch.device("cpu")
