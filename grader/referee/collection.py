"""What a hidden check must be like, looked at when it is collected: what cannot work fails there, with a sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.errors import CheckDefect
from grader.model import Assignment, Part, Tier
from grader.referee.devices import EXAMPLE, Need, in_bytes, need_of
from grader.referee.forbidden import proofread
from grader.referee.respondent import MOST_RANKS, problem_with
from grader.referee.suite import Check, Suite

ASKED = {"same.launch"} | {
    f"{who}.{how}" for who in ("candidate", "reference") for how in ("run", "call", "raises", "launch", "torchrun")
}
CARELESS = ("dtype", "inputs")  # right values in another float dtype; a tensor that was given is changed
A_ROUNDING = 1e-6


def read_checks(suite: Suite, items: Sequence[pytest.Item]) -> dict[str, Check]:
    """Return the check of each item, by its node id.

    Raises:
        CheckDefect: if one cannot work; the message names it and says why.
    """
    written = _written(suite.folder)
    families: dict[str, list[pytest.Item]] = {}
    for item in items:
        families.setdefault(_family(item), []).append(item)
    for family, cases in families.items():
        if len({case.nodeid.partition("[")[0] for case in cases}) > 1:
            raise _defect(f"two checks are called {family!r}", cases[1], "names are unique in an assignment")
    for path in {item.path for item in items}:
        inspect_source(path)
    proofread(suite.assignment)
    found = {item.nodeid: _check(suite, item, families, written) for item in items}
    _acyclic({c.family: tuple(name for name in c.after if name in families) for c in found.values()})
    if written <= families.keys():  # all of them, and not one file or one check that the author asked for
        _add_up(suite.assignment, found.values())
    return found


def in_order(items: Sequence[pytest.Item], checks: dict[str, Check]) -> list[pytest.Item]:
    """Return the items with each check behind those that it comes after, and otherwise as they were."""
    waiting, done, ordered = list(items), set[str](), list[pytest.Item]()
    while waiting:
        left = {checks[item.nodeid].family for item in waiting}
        ready = [item for item in waiting if not set(checks[item.nodeid].after) & left - done]
        first = ready[0]
        ordered.append(first)
        waiting.remove(first)
    return ordered


def _family(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name)).removeprefix("test_")


def _check(suite: Suite, item: pytest.Item, families: dict[str, list[pytest.Item]], written: set[str]) -> Check:
    mark = item.get_closest_marker("check")
    if mark is None:
        raise _defect("a hidden test without @check", item, '@check("part", points=...)')
    parts = {part.id: part for part in suite.assignment.parts}
    part = parts.get(mark.kwargs["part"])
    if part is None:
        raise _defect(f"there is no part {mark.kwargs['part']!r}", item, f"one of: {', '.join(parts)}")
    family = _family(item)
    english = (getattr(item.obj, "__doc__", None) or "").strip().splitlines()  # type: ignore[attr-defined]
    if not english:
        raise _defect("a check without a docstring", item, "its first line is the title that students read")
    after = tuple(_after_name(other, written | families.keys(), item) for other in mark.kwargs["after"])
    limits = item.get_closest_marker("limits")
    wanted = limits.kwargs if limits else {}
    if limits is not None and (limits.args or wanted.keys() - {"seconds", "memory"}):
        raise _defect("limits has seconds and memory, by name", item, '@pytest.mark.limits(seconds=5, memory="1 GB")')
    case = f"[{item.callspec.id}]" if hasattr(item, "callspec") else ""
    return Check(
        name=family + case,
        family=family,
        part=part,
        title=english[0],
        points=mark.kwargs["points"] / len(families[family]),
        after=after,
        marks=frozenset(m.name for m in item.iter_markers()),
        seconds=float(wanted.get("seconds", suite.assignment.limits.call_seconds)),
        memory=_bytes(wanted["memory"], item) if "memory" in wanted else None,
        shown=item.get_closest_marker("shown") is not None,
        gpu=_gpu(item, part),
        nprocs=_nprocs(item),
        careless=_careless(item),
    )


def _careless(item: pytest.Item) -> frozenset[str]:
    """Return the habits that a check names."""
    marks = list(item.iter_markers("careless"))
    kinds = [kind for mark in marks for kind in mark.args]
    if any(mark.kwargs or not mark.args for mark in marks) or not {*kinds} <= {*CARELESS}:
        said = " and ".join(f'"{kind}"' for kind in CARELESS)
        raise _defect(f"careless has {said}", item, '@pytest.mark.careless("dtype")')
    return frozenset(kinds)


def _nprocs(item: pytest.Item) -> int | None:
    """Return how many ranks the launches of a check have, unless they say so themselves."""
    mark = item.get_closest_marker("ddp")
    if mark is None:
        return None
    if mark.args or mark.kwargs.keys() != {"nprocs"}:
        raise _defect("ddp has nprocs, by name", item, "@pytest.mark.ddp(nprocs=2)")
    if problem := problem_with(mark.kwargs["nprocs"]):
        raise _defect(f"ddp with {problem}", item, f"nprocs from 1 to {MOST_RANKS}")
    return int(mark.kwargs["nprocs"])


def _gpu(item: pytest.Item, part: Part) -> Need | None:
    """Return what a check needs of GPUs. Its points are of a part of tier gpu: on no other does a machine bear."""
    mark = item.get_closest_marker("gpu")
    if (mark is not None) != (part.tier is Tier.GPU):
        said = f"a check with the mark gpu is of part {part.id!r}, which is not of tier gpu"
        if mark is None:
            said = f"part {part.id!r} is of tier gpu, and this check of it has no mark gpu"
        raise _defect(said, item, 'give checks that need a GPU a part of their own, with tier = "gpu"')
    if mark is None:
        return None
    need = need_of(mark)
    if isinstance(need, str):
        raise _defect(need, item, f"write it like {EXAMPLE}")
    return need


def _after_name(other: Any, known: set[str], item: pytest.Item) -> str:
    name = (other if isinstance(other, str) else str(getattr(other, "__name__", other))).removeprefix("test_")
    if name not in known:
        raise _defect(f"it comes after {name!r}, which is no check", item, "give a check function, or its name")
    return name


def _acyclic(after: dict[str, tuple[str, ...]]) -> None:
    done: set[str] = set()
    while len(done) < len(after):
        ready = {name for name, before in after.items() if name not in done and set(before) <= done}
        if not ready:
            raise CheckDefect(f"checks come after each other in a circle: {', '.join(sorted(set(after) - done))}")
        done |= ready


def _add_up(assignment: Assignment, checks: Iterable[Check]) -> None:
    points = dict.fromkeys((part.id for part in assignment.parts), 0.0)
    for check in checks:
        points[check.part.id] += check.points
    for part in assignment.parts:
        if abs(points[part.id] - part.points) > A_ROUNDING:
            problem = (
                f"the checks of part {part.id!r} give {points[part.id]:g} points together, and the part {part.points:g}"
            )
            raise CheckDefect(problem, place="assignment.toml", step="change the one or the other")


def _bytes(text: str | int, item: pytest.Item) -> int:
    amount = in_bytes(text)
    if amount is None:
        raise _defect(f"{text!r} is not an amount of memory", item, 'write it like "512MB"')
    return amount


def _defect(problem: str, item: pytest.Item, step: str | None = None) -> CheckDefect:
    return CheckDefect(problem, place=f"{item.path.name}::{item.name}", step=step)


# ---- what the syntax tells -------------------------------------------------------------------------------------


def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree.

    Raises:
        CheckDefect: with the line, if it is no Python.
    """
    try:
        return ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise CheckDefect(f"a syntax error: {error.msg}", place=f"{path.name}, line {error.lineno}") from error


def _written(folder: Path) -> set[str]:
    """Return the names of all checks in a folder's files, whichever of them were asked for."""
    trees = [parsed(path) for path in folder.glob("test_hidden*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name.removeprefix("test_") for node in functions if node.name.startswith("test_")}


@cache
def inspect_source(path: Path) -> None:
    """Refuse what a call by wire cannot take, a lambda and a probe that is not in probes.py, and a name given twice.

    Raises:
        CheckDefect: with the line.
    """
    tree = parsed(path)
    _refuse_twice(tree, path)
    local = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and not _is_fixture(node)}
    for call in _asking(tree):
        place = f"{path.name}, line {call.lineno}"
        values = [*call.args, *[keyword.value for keyword in call.keywords]]
        if any(isinstance(value, ast.Lambda) for value in values):
            raise CheckDefect(
                "a lambda cannot be sent to a candidate", place=place, step="make it a function of probes.py"
            )
        for value in values:
            if isinstance(value, ast.Name) and value.id in local:
                raise CheckDefect(
                    f"{value.id!r} is not a function of probes.py", place=place, step="move it to probes.py"
                )


def _refuse_twice(tree: ast.Module, path: Path) -> None:
    """Refuse two functions of one name: Python would keep the second and forget the first."""
    seen: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if node.name in seen:
                name, place = node.name.removeprefix("test_"), f"{path.name}, line {node.lineno}"
                raise CheckDefect(f"two checks are called {name!r}", place=place, step="rename one")
            seen.add(node.name)


def _is_fixture(function: ast.FunctionDef) -> bool:
    """Whether its name means, in a check, the value that it makes."""
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


def _asking(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if (isinstance(function, ast.Name) and function.id in ("same", "calibrated")) or (
                isinstance(function, ast.Attribute) and ast.unparse(function) in ASKED
            ):
                yield node
