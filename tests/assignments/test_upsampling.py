"""What assignment 5 states in figures is so, and its checks ask for no size at which rounding decides."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

SOLUTION = Path(__file__).parent.parent.parent / "solutions" / "05_upsampling"


@pytest.fixture(scope="module")
def solution():
    """The modules of the solution's folder, by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SOLUTION))
        import fair
        import misconceptions_general
        import upsample_lab

        yield {"fair": fair, "general": misconceptions_general, "lab": upsample_lab}
        for name in ("fair", "misconceptions_general", "upsample_lab", "printing"):
            sys.modules.pop(name, None)


@pytest.fixture
def number():
    generator = torch.Generator().manual_seed(0)
    return lambda low, high: int(torch.randint(low, high + 1, (), generator=generator))


def exact(n: int, out: int) -> list[int]:
    return [i * n // out for i in range(out)]


def test_torch_differs_from_exact_arithmetic_for_eleven_pairs(solution):
    pairs = [(n, out) for n in range(1, 40) for out in range(1, 80)]
    differ = [(n, out) for n, out in pairs if solution["fair"].by_torch(n, size=out) != exact(n, out)]
    assert len(differ) == 11
    assert (26, 22) in differ


def test_float64_differs_for_nine(solution):
    pairs = [(n, out) for n in range(1, 40) for out in range(1, 80)]
    assert sum([math.floor(i * (n / out)) for i in range(out)] != exact(n, out) for n, out in pairs) == 9


def test_a_pair_at_which_they_differ_is_not_fair(solution):
    assert not solution["fair"].fair(26, 22)
    assert solution["fair"].fair(3, 5)


@pytest.mark.parametrize("draw", ["enlarged", "reduced"])
def test_every_size_that_is_drawn_is_the_same_in_exact_arithmetic(solution, number, draw):
    for n, out in {getattr(solution["fair"], draw)(number) for _ in range(50)}:
        assert solution["fair"].by_torch(n, size=out) == exact(n, out)


def test_every_scale_that_is_drawn_tells_its_step_from_that_of_the_size(solution, number):
    for n, scale in {solution["fair"].scaled(number) for _ in range(50)}:
        out = math.floor(n * scale)
        assert solution["fair"].by_torch(n, scale=scale) != exact(n, out)


@pytest.mark.parametrize(("way", "flops"), [("lab", 34_560), ("zero_insertion", 164_736), ("everything_at_once", 0)])
def test_the_table_of_part_6_has_these_flops(solution, way, flops):
    modules = {"lab": solution["lab"].conv_transpose2d}
    function = modules.get(way) or getattr(solution["general"], way)
    with FlopCounterMode(display=False) as counter:
        function(torch.ones(1, 8, 6, 5), torch.ones(8, 8, 3, 3), stride=2)
    assert counter.get_total_flops() == flops
