"""An assignment's secret half, imported once: reference, probes, misconceptions, titles, and what its checks demand."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec import Struct

from grader.checks import Misconception
from grader.course import read_assignment
from grader.errors import CheckDefect
from grader.model import Assignment, Part
from grader.referee.devices import Need
from grader.teaching.leaks import Named

PROBES = "probes"


class Check(Struct, frozen=True):
    """One hidden check, or one case of a parametrized one. `points` is this case's share."""

    name: str
    family: str  # the check's name without the case
    part: Part
    title: str
    points: float
    after: tuple[str, ...]  # families
    marks: frozenset[str]
    seconds: float
    memory: int | None
    shown: bool
    gpu: Need | None = None
    nprocs: int | None = None  # of the mark ddp
    careless: frozenset[str] = frozenset()  # the habits that it names: see CARELESS in collection.py


class Wrong(Struct, frozen=True):
    """A misconception as a module: the reference with one thing replaced."""

    about: Misconception
    hint: str
    module: Any


class Suite:
    """What all the submissions of an assignment are judged with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.assignment: Assignment = read_assignment(handout(folder), folder)
        self.titles, self.hints = _catalogue(folder)
        self.named = Named(_handed_out(folder))
        self.source = compile(
            (folder / f"{self.assignment.module}.py").read_bytes(), str(folder / f"{self.assignment.module}.py"), "exec"
        )
        with self.importing():
            self.reference = importlib.import_module(self.assignment.module)
            self.probes = importlib.import_module(PROBES) if (folder / "probes.py").exists() else ModuleType(PROBES)
            self.own = {self.assignment.module: self.reference, PROBES: self.probes}
            self.misconceptions = self._misconceptions()

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Make the folder's modules importable, and forget them afterwards: each assignment has a probes.py."""
        path = str(self.folder)
        names = {Path(p.relative_to(self.folder).parts[0]).stem for p in self.folder.rglob("*.py")} | {PROBES}
        kept = _forgotten(names)
        sys.modules.update(getattr(self, "own", {}))
        sys.path.insert(0, path)
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            yield
        finally:
            sys.dont_write_bytecode = writes
            sys.path.remove(path)
            _forgotten(names)
            sys.modules.update(kept)

    def module_with(self, misconception: Misconception | None = None) -> ModuleType:
        """Return a fresh copy of the reference, with one thing replaced."""
        module = ModuleType(self.assignment.module)
        module.__file__ = str(self.folder / f"{self.assignment.module}.py")
        with _registered(module):  # dataclasses and annotations look their module up
            exec(self.source, vars(module))
        if misconception is not None:
            owner, _, name = misconception.replaces.rpartition(".")
            target = getattr(module, owner, None) if owner else module
            if not hasattr(target, name):
                raise CheckDefect(
                    f"misconception {misconception.name!r} replaces {misconception.replaces!r}, which is not there"
                )
            setattr(target, name, misconception.wrong)
        return module

    def load_candidate(self, path: Path) -> ModuleType:
        """Import a trusted candidate from a file of one's own: an alternative, a solution in another style."""
        spec = importlib.util.spec_from_file_location(self.assignment.module, path)
        if spec is None or spec.loader is None or not path.is_file():
            raise CheckDefect(f"{path} is not a module", step="give a .py file that is there")
        module = importlib.util.module_from_spec(spec)
        with _registered(module):
            spec.loader.exec_module(module)
        return module

    def _misconceptions(self) -> tuple[Wrong, ...]:
        found: dict[str, Misconception] = {}
        for path in sorted([*self.folder.glob("misconceptions*.py"), *self.folder.glob("misconceptions/*.py")]):
            dotted = ".".join(path.relative_to(self.folder).with_suffix("").parts)
            module = importlib.import_module(dotted.removesuffix(".__init__"))
            found |= {
                m.name: m for v in vars(module).values() if (m := getattr(v, "__misconception__", None)) is not None
            }
        return tuple(Wrong(m, self.hints.get(m.name, ""), self.module_with(m)) for m in found.values())

    def misconceptions_of(self, part: Part) -> tuple[Wrong, ...]:
        """The misconceptions that replace what a student writes for this part."""
        return tuple(w for w in self.misconceptions if w.about.replaces.split(".")[0] in part.names)


def _forgotten(names: set[str]) -> dict[str, ModuleType]:
    """Take modules of these names, and what is in them, out of sys.modules; return them."""
    return {name: sys.modules.pop(name) for name in tuple(sys.modules) if name.partition(".")[0] in names}


def handout(folder: Path) -> Path:
    """Return the handed-out folder that belongs to a solution folder."""
    return folder.parent.parent / "assignments" / folder.name


def _handed_out(folder: Path) -> str:
    """Return the text of what students have been given, and of the probes, which run beside their code."""
    files = [path for kind in ("*.md", "*.py", "*.toml") for path in sorted(handout(folder).glob(kind))]
    probes = folder / "probes.py"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in (*files, probes) if path.is_file())


def _catalogue(folder: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    path = folder / "titles.zh.toml"
    catalogue = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return catalogue.get("titles", {}), catalogue.get("hints", {})


@contextmanager
def _registered(module: ModuleType) -> Iterator[None]:
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules[module.__name__]
        else:
            sys.modules[module.__name__] = before
