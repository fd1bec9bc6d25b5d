"""What a person reads of a proof: nothing is cut off at 80 columns, and colour says nothing that words do not."""

import io

import pytest
from rich.console import Console

from grader.proving.proof import Accepted, CheckShown, Finding, MisconceptionShown, Proof, Remark, Ruling
from grader.proving.told import MOST, told


def printed(proof: Proof, width: int = 80, **how: bool) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(told(proof, **how))
    return console.file.getvalue()


def a_finding(about: str, step: str = "mend it") -> Finding:
    return Finding("liars", about, f"{about} earns", step)


PROVEN = Ruling("solution", "65 checks passed by the reference with 20 seeds", judgings=26, cpu_seconds=41.6)
BROKEN = Ruling("liars", findings=(a_finding("zeros"), a_finding("ones"), a_finding("NaN", "think")), judgings=3)
LEFT_OUT = Ruling("handed-in", left_out="left out: --no-sandbox")


@pytest.mark.parametrize("width", [80, 120])
def test_what_holds_is_a_line_a_rule(width):
    said = printed(Proof("03_x", "Ex", (PROVEN,), seconds=20), width)
    assert said.splitlines()[0].rstrip() == "03_x  Ex"
    assert "✓ solution 65 checks passed by the reference with 20 seeds" in said
    assert "proven: 26 judgings, 41.6 s of one core, 20.0 s" in said


def test_each_finding_is_told_and_what_to_do_once_for_all_that_it_is_the_same_for():
    said = printed(Proof("03_x", "Ex", (BROKEN,)))
    assert "✗ liars 3 findings" in said
    assert [line.strip() for line in said.splitlines() if line.strip().startswith("try")] == [
        "try  mend it",
        "try  think",
    ]
    assert said.index("ones earns.") < said.index("mend it") < said.index("NaN earns.")


def test_many_findings_are_cut_short_and_verbose_tells_all():
    many = Ruling("liars", findings=tuple(a_finding(f"lie {n}") for n in range(MOST + 4)))
    short = printed(Proof("03_x", "Ex", (many,)))
    assert "and 4 more of liars: --verbose" in short
    assert f"lie {MOST + 3}" not in short
    assert f"lie {MOST + 3} earns." in printed(Proof("03_x", "Ex", (many,)), verbose=True)


def test_what_was_left_out_is_said_at_the_end_too():
    said = printed(Proof("03_x", "Ex", (PROVEN, LEFT_OUT)))
    assert "– handed-in left out: --no-sandbox" in said
    assert "proven, but for handed-in: 26 judgings" in said


def test_verbose_tells_remarks_and_what_was_accepted():
    ruling = Ruling(
        "noise", "all", remarks=(Remark("x", "x is loose"),), accepted=(Accepted(a_finding("y"), "for now"),)
    )
    proof = Proof("03_x", "Ex", (ruling,))
    assert "all; 1 accepted; 1 remark" in printed(proof)
    assert "--verbose tells 1 remark" in printed(proof)
    said = printed(proof, verbose=True)
    assert "remark (noise): x is loose" in said
    assert "accepted (noise): y: for now" in said


def test_verbose_shows_checks_and_misconceptions():
    checks = (
        CheckShown("values", "double", 40, ("adds_two", "b", "c", "d"), (), 0.25, 3e7),
        CheckShown("numbers", "double", 5, (), ("answers None",)),
    )
    wrong = (MisconceptionShown("adds_two", "double", 40, 60, ("values",), ("other",)),)
    said = printed(Proof("03_x", "Ex", (PROVEN,), checks, wrong), 120, verbose=True)
    assert "adds_two, b, c and 1 more" in said
    assert "25%" in said
    assert "3e+07×" in said
    assert "(answers None)" in said
    assert "40/60" in said
