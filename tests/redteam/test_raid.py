"""A raid sees a breach: points for nothing, a leak, what is left behind, a neighbour that came to harm."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import find_course
from grader.manager import build_manager
from grader.model import Assignment
from grader.pipeline import Options
from grader.redteam.attack import chosen
from grader.redteam.dress import on_stub
from grader.redteam.raid import Raid, raid

from . import holes

TINY = Path(__file__).parents[1] / "tiny"
WEAK = '''"""A hidden check that only looks for the wrong thing."""

import torch

from grader.checks import check, require


@check("double", points=60)
def test_values(candidate, rng):
    """The answer is a tensor of finite numbers."""
    require(bool(candidate.call("double", torch.randn(3, generator=rng)).isfinite().all()), "it is not finite")
'''


@pytest.fixture
def raided(tiny: Assignment, ended, own_tmp: Path, impatient, monkeypatch: pytest.MonkeyPatch):
    """Raid the tiny assignment behind walls that have this hole."""

    def run(hole: str, *names: str) -> Raid:
        monkeypatch.setenv("BREACH", hole)
        manager = build_manager(installed=False)
        manager.unregister(name="grader_console")
        manager.register(holes)
        found = raid(manager, tiny, chosen(names or ("liar_zeros", "liar_echo")), on_stub(tiny), Options(workers=1))
        ended.append(found.traces)
        return found

    return run


def test_walls_without_a_hole_hold(raided):
    found = raided("")
    assert found.held
    assert [(one.attack.name, one.honest, one.got_through) for one in found.struck] == [
        ("liar_echo", 0, False),
        ("liar_zeros", 0, False),
    ]


@pytest.mark.parametrize("hole", ["earns", "ours", "leaks"])
def test_an_attack_that_gets_through_is_seen(raided, hole):
    found = raided(hole)
    assert not found.held
    assert all(one.got_through for one in found.struck)


def test_a_canary_is_seen_with_its_place(raided):
    assert {one.leaked for one in raided("leaks").struck} == {("solutions",)}


def test_what_only_the_instructor_reads_is_no_leak(raided):
    assert raided("whispers").held


def test_a_process_that_is_left_behind_is_seen(raided):
    found = raided("process")
    assert set(found.traces.processes.values()) == {"sleep 60 "}
    assert not found.held
    assert not any(one.got_through for one in found.struck)


def test_a_file_that_is_left_behind_is_seen(raided, own_tmp):
    found = raided("file")
    assert len(found.traces.files) == len(found.struck)
    assert {file.parent for file in found.traces.files} == {own_tmp}
    assert not found.held


def test_a_neighbour_that_came_to_harm_is_seen(raided):
    found = raided("spoils")
    assert found.spoiled == found.neighbours
    assert not found.held
    assert not any(one.got_through for one in found.struck)


def test_a_neighbour_stands_before_the_first_attack_after_every_eighth_and_last(raided):
    names = tuple(one.name for one in chosen(("semantic",))[:9])
    numbers = [Path(n.path).name for n in raided("", *names).neighbours]
    assert numbers == ["0001-neighbour.py", "0010-neighbour.py", "0012-neighbour.py"]


def test_a_check_that_zeros_pass_is_seen_through_walls_that_hold(tmp_path, own_tmp):
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    (tmp_path / "course/solutions/01_tiny/test_hidden_double.py").write_text(WEAK)
    weak = find_course(tmp_path / "course").assignment("1")
    manager = build_manager(installed=False)
    manager.unregister(name="grader_console")
    found = raid(manager, weak, chosen(("liar_zeros", "liar_nan")), on_stub(weak), Options(workers=1))
    assert {one.attack.name: (one.report.earned, one.honest, one.got_through) for one in found.struck} == {
        "liar_zeros": (60, 0, True),
        "liar_nan": (0, 0, False),
    }
    assert not found.held
    assert found.spoiled == ()
