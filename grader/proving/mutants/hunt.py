"""Judges a mutant, in a fork of its own, until a check is lost."""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from grader.errors import GraderError
from grader.model import Outcome
from grader.proving.mutants.mutant import Mutant
from grader.proving.mutants.survey import Survey, result_of
from grader.wire.linux import die_with_parent

FATE, BROKEN = "fate", "broken"  # files that the fork leaves
LOAD_SECONDS = 10.0  # importing it may never end
MOST_MEMORY = 4 << 30  # bytes, above what this process has: a loop that has lost its end collects what it makes
UNHARMED = {Outcome.PASSED, Outcome.PENDING, Outcome.INVALID}  # the last: the reference lost the check too


class Fate(Struct, frozen=True):
    """What became of a mutant: which check it lost, or that it could not be imported; or neither, and it lives."""

    lost: str = ""
    late: bool = False  # a call, or the import, took too long
    unloaded: bool = False

    @property
    def killed(self) -> bool:
        """Whether something noticed it."""
        return self.unloaded or self.lost != ""


class Hunt:
    """Hunts mutants one after the other. The checks that killed most in a function are asked first there."""

    def __init__(self, survey: Survey, mutants: Sequence[Mutant], folder: Path) -> None:
        self.survey = survey
        self.mutants = mutants
        self.folder = folder
        self.kills: Counter[tuple[str, str]] = Counter()  # by function and check

    def fate(self, number: int) -> Fate:
        """Return what becomes of a mutant.

        Raises:
            GraderError: if the process that judged it broke.
        """
        place = self.folder / str(number)
        place.mkdir()
        pid = os.fork()
        if pid == 0:
            self._judge_in_this_process(self.mutants[number], place)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            return Fate(late=True, unloaded=True)
        fate = _read(place, self.mutants[number])
        self.kills[self.mutants[number].function, fate.lost] += 1
        return fate

    def asking(self, function: str) -> list[pytest.Item]:
        """Return the checks that run a function, in the order in which they are worth asking."""
        names = {node: check.name for node, check in self.survey.checks.items()}
        items = self.survey.asking(function)
        return sorted(
            items, key=lambda item: (self.survey.is_scripted(item), -self.kills[function, names[item.nodeid]])
        )

    def _judge_in_this_process(self, mutant: Mutant, place: Path) -> None:
        try:
            _settle()
            fate = self._judged(mutant, place)
            (place / FATE).write_bytes(msgspec.json.encode(fate))
        except BaseException:
            (place / BROKEN).write_text(traceback.format_exc(), encoding="utf-8")
        finally:
            os._exit(0)

    def _judged(self, mutant: Mutant, place: Path) -> Fate:
        suite = self.survey.bench.suite
        file = place / f"{suite.assignment.module}.py"
        file.write_text(mutant.text, encoding="utf-8")  # a run under torchrun executes it
        signal.setitimer(signal.ITIMER_REAL, LOAD_SECONDS)
        try:
            module = suite.load_candidate(file)
        except BaseException:
            return Fate(unloaded=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        grading = self.survey.grading(module)
        for item in self.asking(mutant.function):
            result = result_of(grading, item)
            if result.outcome not in UNHARMED:
                return Fate(result.name, late=result.outcome is Outcome.TIMEOUT)
        return Fate()


def _settle() -> None:
    """Have this fork print nothing, leave nothing behind, and end when the import of a mutant does not."""
    die_with_parent()
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _read(place: Path, mutant: Mutant) -> Fate:
    if (place / FATE).is_file():
        return msgspec.json.decode((place / FATE).read_bytes(), type=Fate)
    why = (place / BROKEN).read_text(encoding="utf-8") if (place / BROKEN).is_file() else "it ended by itself"
    raise GraderError(f"what judged a mutant broke: {why}", place=f"{mutant.function}, line {mutant.line}")
