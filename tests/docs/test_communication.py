"""docs/communication.md: its probes run in real ranks, and its tables have the keys that the code has."""

from __future__ import annotations

import ast
import re
import types
from pathlib import Path

import torch
import torch.distributed as dist
from msgspec import structs

from grader.probing import before_last_mark, collectives, recorded
from grader.ranks.torchrun import Run
from grader.referee.scripts import LEAST_SECONDS
from grader.wire.protocol import Script
from tests.probing import trainers
from tests.probing.forked import ranks

PAGE = (Path(__file__).parents[2] / "docs" / "communication.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.+?)^```", PAGE, re.DOTALL | re.MULTILINE)


def keys(heading: str) -> set[str]:
    """The names in the first column of the table with this heading."""
    table = PAGE.split(f"| {heading} | is |\n|---|---|\n")[1].split("\n\n")[0]
    return {name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split(" | ")[0])}


class Wrapped(trainers.Overlapping, torch.nn.Module):
    """A student's wrapper, as the page's probes drive it."""

    def __init__(self, module: torch.nn.Module) -> None:
        torch.nn.Module.__init__(self)
        self.module, self.works = module, []
        for parameter in module.parameters():
            parameter.register_post_accumulate_grad_hook(self.launch)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.module(x)


def driven():
    probes = types.ModuleType("probes")
    exec(BLOCKS[0], vars(probes))
    student = types.SimpleNamespace(Wrapped=Wrapped)
    x = torch.ones(4, trainers.FEATURES)
    return [probes.spoken(student, x), probes.overlaps(student, x), dist.get_rank()]


def test_its_probes_run(tmp_path):
    for number, (events, (returned, launched), rank) in enumerate(ranks(driven, tmp_path)):
        assert rank == number
        assert len(collectives(events)) == len(before_last_mark(events)) + 1 == launched == 4
        assert returned


def test_every_block_is_python():
    assert len(BLOCKS) == 3
    for block in BLOCKS:
        ast.parse(block)


def test_its_tables_have_the_keys_of_the_code(tmp_path):
    with recorded() as log:
        log.mark("here")
    assert keys("key") == set(log.events[0])
    assert keys("key of `run`") == set(Run(Script(1), tmp_path, "").told())


def test_it_names_what_a_check_can_say_and_how_much_time_that_takes():
    for name in {"may_fail", "args", "files"} & {field.name for field in structs.fields(Script)}:
        assert f"`{name}" in PAGE
    assert f"less than {LEAST_SECONDS:.0f} is refused" in PAGE
