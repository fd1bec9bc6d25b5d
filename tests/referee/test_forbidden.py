"""An entry of `forbidden` that nothing would ever stop is a defect, told when the checks are collected."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import find_course
from grader.errors import CheckDefect
from grader.model import Assignment, Part
from grader.referee.forbidden import proofread

ROOT = Path(__file__).parent.parent.parent


def assignment(*forbidden: str) -> Assignment:
    part = Part(id="mean", title="The mean", points=100, forbidden=forbidden)
    return Assignment(
        id="03_sa", number=3, slug="sa", title="SA", module="sa", parts=(part,), folder=Path("/nowhere"), solution=None
    )


@pytest.mark.parametrize(
    "entry",
    [
        "torch.mean", "torch.Tensor.mean", "torch.Tensor.T", "torch.Tensor.__matmul__", "torch.optim.AdamW",
        "torch.optim.*", "statistics.fmean", "numpy.mean", "numpy.linalg.*",
        "torch.nn.parallel.DistributedDataParallel",
        "torch.distributed.algorithms.join.Join", "torch.compile", "aten::cumsum", "aten::_scaled_dot_product_*",
        "aten::convolution(transposed=True)", "c10d::allreduce_", "c10d::*",
        "tensorflow.*?", "torch.not_yet?", "aten::not_yet?",
    ],
)  # fmt: skip
def test_what_can_be_stopped_is_right(entry):
    proofread(assignment(entry))


@pytest.mark.parametrize(
    ("entry", "problem", "step"),
    [
        ("torch.optim.AdamWW", "'torch.optim.AdamWW' is nothing", "did you mean torch.optim.AdamW?"),
        ("torch.optim.AdamWW", "'torch.optim.AdamWW' is nothing", "end it with ? if only some versions have it"),
        ("tensorflow.*", "'tensorflow' is no package with functions", "end it with ?"),
        ("torch.optim", "'torch.optim' is a module", "torch.optim.* means what it offers"),
        ("math.fsum", "nothing could stop 'math.fsum': it is written in C, or no function", "leave it out"),
        ("math.fsum?", "nothing could stop 'math.fsum'", "leave it out"),
        ("math.*", "nothing could stop 'math'", "leave it out"),
        ("torch.pi", "nothing could stop 'torch.pi'", "leave it out"),
        ("torch.Generator", "nothing could stop 'torch.Generator'", "leave it out"),
        ("torch.from_numpy", "nothing could stop 'torch.from_numpy'", "leave it out"),
        ("torch.ops.aten.mean", "'torch.ops.aten.mean' is a name for an operator", "write aten::mean"),
        ("aten::cumsumm", "has no operator 'aten::cumsumm'", "did you mean aten::cumsum?"),
        ("aten::nothing_like_it_*", "has no operator 'aten::nothing_like_it_*'", "end it with ?"),
        ("aten::softmax", "'aten::softmax' is never called: torch composes it of other operators", "aten::_softmax"),
        ("aten::conv_transpose2d?", "'aten::conv_transpose2d' is never called", "name one of them"),
        ("aten::convolution(transpose=True)", "'aten::convolution' has no argument 'transpose'", "transposed, weight"),
    ],
)
def test_what_nothing_would_stop_is_told_with_the_next_step(entry, problem, step):
    with pytest.raises(CheckDefect) as caught:
        proofread(assignment("torch.mean", entry))
    assert caught.value.problem.startswith("part 'mean': forbidden: ")
    assert problem in caught.value.problem
    assert caught.value.place == "assignment.toml"
    assert step in str(caught.value.step)


@pytest.mark.parametrize("name", find_course(ROOT).names)
def test_what_our_own_assignments_rule_out_can_be_stopped(name):
    proofread(find_course(ROOT).assignment(name))
