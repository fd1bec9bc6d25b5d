"""The crowd that is handed in to the soak: nine honest kinds in turn, and every tenth submission an attack."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

from msgspec import Struct, structs

from benchmarks.classroom import HERE
from grader.course import find_course, read_assignment
from grader.model import MB, Assignment, Limits
from grader.redteam.attack import Attack, corpus
from grader.redteam.canary import PLACES, Canaries
from grader.redteam.dress import dressed, on_solution, solution_source
from grader.redteam.target import target

TINY = HERE.parent / "tests" / "tiny"
NAME = "01_tiny"
LIMITS = Limits(load_seconds=5, call_seconds=3, submission_seconds=20, cpu_seconds=20, memory=300 * MB, disk=128 * MB)
SEED = 20
SLOW = {  # five seconds and more each, under these limits: the red team has them
    "greets_and_goes",
    "hogs_every_core",
    "holds_the_lock",
    "loops_at_import",
    "reads_every_file",
    "threads_at_import",
}
INSTEAD = "\n\ndef double(x):\n    {}\n"
NAMES = 'names = ["double"]'
RULED_OUT = f'{NAMES}\nforbidden = ["torch.lerp", "torch.nn.functional.pad"]'  # something for attacks to get around
HALF_RIGHT = "return 2.0 * x.double()"  # not in the dtype of the input


class Honest(Struct, frozen=True):
    """What one kind of honest student hands in, and the points that it must get."""

    suffix: str
    text: str
    points: float

    def of(self, number: int) -> str:
        """Return this student's own text: no two are the same, so that each is executed."""
        if self.suffix == ".py":
            return f"{self.text}\n# {number}\n"
        notebook = json.loads(self.text)
        cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": f"# {number}"}
        notebook["cells"].append(cell | {"execution_count": None, "outputs": []})
        return json.dumps(notebook)


class Crowd(Struct, frozen=True):
    """Who hands in: the points of each honest student, and the most that each hostile one may earn."""

    honest: Mapping[str, float]
    hostile: Mapping[str, float]

    @property
    def size(self) -> int:
        """How many hand in."""
        return len(self.honest) + len(self.hostile)


def course(folder: Path) -> Assignment:
    """Make a course of the tiny assignment alone, with tight limits and something ruled out; the same every time."""
    tiny = read_assignment(TINY / "assignments" / NAME, TINY / "solutions" / NAME)
    same_words = Canaries({place: f"CANARY of the {place}" for place in PLACES})
    _, assignment = target(structs.replace(tiny, limits=LIMITS), folder, same_words)
    rules = assignment.folder / "assignment.toml"
    rules.write_text(rules.read_text().replace(NAMES, RULED_OUT))
    return find_course(folder).assignment(NAME)


def kinds(assignment: Assignment) -> tuple[Honest, ...]:
    """Return the honest kinds."""
    assert assignment.solution is not None
    solution = solution_source(assignment)
    stub = (assignment.folder / f"{assignment.module}.py").read_text()
    return (
        Honest(".py", solution, 100),
        Honest(".py", (assignment.solution / "alternatives" / "operators.py").read_text(), 100),
        Honest(".py", solution + INSTEAD.format("return x + 2"), 40),
        Honest(".py", solution + INSTEAD.format(HALF_RIGHT), 80),
        Honest(".py", solution + INSTEAD.format("raise NotImplementedError"), 40),
        Honest(".py", solution + INSTEAD.format("raise RuntimeError('no idea')"), 40),
        Honest(".py", stub, 0),
        Honest(".py", f"{solution}\ndef double(x:", 0),
        Honest(".ipynb", (assignment.solution / f"{assignment.module}.ipynb").read_text(), 100),
    )


def drawn(count: int) -> list[Attack]:
    """Draw so many attacks, the same every time; none comes again before all have come. Slow ones are left out."""
    attacks = [attack for attack in corpus() if attack.name not in SLOW]
    random.Random(SEED).shuffle(attacks)
    return list(islice(cycle(attacks), count))


def hand_in(assignment: Assignment, attacks: Sequence[Attack], everyone: Path, undisturbed: Path) -> Crowd:
    """Write, for each attack, one submission of each honest kind and then the attack; the honest ones to both."""
    honest, hostile = {}, {}
    for group, attack in enumerate(attacks):
        for number, kind in enumerate(kinds(assignment), group * 10):
            name = f"{number:04}-honest"
            honest[name] = kind.points
            for inbox in (everyone, undisturbed):
                _write(inbox / f"{name}{kind.suffix}", kind.of(number).encode())
        name = f"{group * 10 + 9:04}-{attack.name}"
        hostile[name] = assignment.possible if attack.passes else assignment.possible - assignment.parts[0].points
        _attack(everyone, name, attack, assignment)
    return Crowd(honest, hostile)


def _attack(inbox: Path, name: str, attack: Attack, assignment: Assignment) -> None:
    forbidden = dict.fromkeys(name for part in assignment.parts for name in part.forbidden)
    source = dressed(attack.text, on_solution(assignment), forbidden)
    for rest, content in attack.craft(assignment.module, f"{source}\n# {name}\n").items():
        _write(inbox / f"{name}{rest}", content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
