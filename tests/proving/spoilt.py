"""A tiny course whose checks are sound, to spoil in one place; and what a proof says of it."""

from __future__ import annotations

from pathlib import Path

from grader.course import find_course
from grader.proving.examination import Wanted, proven
from grader.proving.proof import Proof, Ruling
from grader.proving.trials import Effort
from tests.referee.tiny import copy_of_tiny, with_checks

LITTLE = Effort(seeds=2, alternative_seeds=1, pairs=5, noisy=5)
CHECKS = '''
@pytest.mark.careless("dtype")
@check("double", points=40)
def test_values(same, rng):
    """Twice the input."""
    same("double", torch.randn(4, 3, generator=rng, dtype=torch.float64))

@check("double", points=20, after=test_values)
def test_of_integers(same, rng):
    """Twice an integer is one."""
    same("double", torch.randint(-9, 10, (5,), generator=rng))

@pytest.mark.careless("dtype")
@check("scale", points=30)
def test_scale_values(same, rng):
    """The factor times the input."""
    factor = 1.5 + torch.rand((), generator=rng).item()
    same(probes.scaled, factor=factor, x=torch.randn(6, generator=rng, dtype=torch.float64))

@check("scale", points=10, after=test_scale_values)
def test_refuses(candidate):
    """A negative factor is refused."""
    candidate.raises(ValueError, probes.scaler, factor=-2.0)
'''
WRONG = """
from grader.checks import misconception

@misconception(replaces="double", hint="Try a number other than 2.", fails=["values"])
def adds_two(x):
    return x + 2

@misconception(replaces="double", hint="What is twice an integer?", fails=["of_integers"])
def always_floats(x):
    return 2.0 * x

@misconception(replaces="Scaler.__call__", hint="What does scaling by 1 do?", fails=["scale_values"])
def adds_the_factor(self, x):
    return x + self.factor

@misconception(replaces="Scaler.__init__", hint="What of -1?", fails=["refuses"])
def takes_any(self, factor):
    self.factor = factor
"""
CHINESE = '[titles]\nvalues = "两倍"\n[hints]\nadds_two = "试试别的数"\n'


def a_sound_course(folder: Path) -> Path:
    """Return the solution folder of a tiny course of which everything can be proven."""
    solution = with_checks(copy_of_tiny(folder), CHECKS, double=60, scale=40)
    (solution / "misconceptions.py").write_text(WRONG)
    (solution / "titles.zh.toml").write_text(CHINESE)
    return solution


def change(file: Path, old: str, new: str) -> None:
    """Replace what is in a file once."""
    text = file.read_text()
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    file.write_text(text.replace(old, new))


def change_checks(solution: Path, old: str, new: str) -> None:
    """Replace what is in the checks once."""
    change(solution / "test_hidden_own.py", old, new)


def add_check(solution: Path, source: str) -> None:
    """Add a check of 20 points to the part `double`, at the cost of its first."""
    change_checks(solution, "points=40", "points=20")
    add_to(solution, "test_hidden_own.py", source)


def add_to(solution: Path, name: str, source: str) -> None:
    """Add to a file of the solution, or make one."""
    path = solution / name
    path.write_text((path.read_text() if path.exists() else "") + source)


def proof_of(solution: Path, *rules: str, effort: Effort = LITTLE, submitted: Ruling | None = None) -> Proof:
    """Prove it, by these rules or all that need no sandbox."""
    assignment = find_course(solution.parents[1]).assignment("1")
    return proven(assignment, Wanted(effort, rules), submitted)


def found(solution: Path, *rules: str, effort: Effort = LITTLE) -> dict[str, str]:
    """Return the findings: what each is about, and the problem."""
    return {finding.about: finding.problem for finding in proof_of(solution, *rules, effort=effort).findings}


def remarks(solution: Path, rule: str) -> list[str]:
    """Return what a rule remarks."""
    (ruling,) = proof_of(solution, rule).rulings
    return [remark.said for remark in ruling.remarks]
