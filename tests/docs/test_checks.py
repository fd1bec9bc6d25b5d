"""docs/checks.md: every name that a check may use, as the code has it; its marks are taken as they are written."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from docs.reference.checks import fixture_functions
from docs.reference.page import up_to_date
from docs.reference.signature import signature
from grader import checks, probing
from grader.referee.collection import CARELESS
from grader.referee.devices import EXAMPLE
from grader.referee.plugin import MARKERS
from tests.referee.tiny import a_course, in_session, suite_and_checks

from .pages import DOCS, blocks

PAGE = DOCS / "checks.md"
TEXT = PAGE.read_text(encoding="utf-8")
MARKED = next(block.text for block in blocks("python") if block.page == PAGE.name)
ON_CPU = MARKED.replace(MARKED[MARKED.index("@pytest.mark.gpu") : MARKED.index("@pytest.mark.ddp")], "")


def marks_of_the_example() -> dict[str, ast.Call | None]:
    """Return the calls of the example's marks by name."""
    (function,) = ast.parse(MARKED).body
    marks = [(mark.func, mark) if isinstance(mark, ast.Call) else (mark, None) for mark in function.decorator_list]
    return {ast.unparse(name).rpartition(".")[2]: call for name, call in marks}


def test_the_page_has_what_the_code_says_of_checks():
    assert up_to_date(PAGE) == TEXT, "docs/checks.md is stale: make docs"


def test_all_that_is_imported_and_every_fixture_has_its_heading():
    wanted = {*checks.__all__, *probing.__all__, *fixture_functions()}
    assert wanted <= set(re.findall(r"^### (\w+)$", TEXT, re.MULTILINE))


def test_a_new_parameter_makes_the_page_stale(monkeypatch):
    def require(condition: object, message: str, *, gently: bool = False) -> None:
        """Fail the check with this sentence."""

    monkeypatch.setattr(checks, "require", require)
    assert up_to_date(PAGE) != TEXT


@pytest.mark.parametrize("marker", MARKERS)
def test_the_example_gives_each_mark_all_that_it_takes(marker):
    name, _, taken = marker.partition(":")[0].rstrip(")").partition("(")
    call = marks_of_the_example()[name]
    given = len(call.args) + len(call.keywords) if call else 0
    assert given >= len(taken.split(", ") if taken else [])


def test_the_example_of_the_mark_gpu_is_the_one_that_a_mistaken_mark_is_shown():
    assert EXAMPLE in MARKED


def test_the_example_names_every_carelessness():
    assert {ast.literal_eval(argument) for argument in marks_of_the_example()["careless"].args} == {*CARELESS}


def test_the_example_is_collected_with_what_its_marks_say(tmp_path):
    before = '@check("attention", points=96)\ndef test_definition(): "Right."\n'
    source = f"import pytest\nfrom grader.checks import check\n{before}{ON_CPU}"
    solution = a_course(tmp_path, source, attention=100)
    found = in_session(solution, lambda session: [*suite_and_checks(session.items)[1].values()])
    (read,) = [check for check in found if check.name == "half_precision"]
    assert (read.seconds, read.memory, read.nprocs, read.shown) == (30, 2 * 2**30, 2, True)
    assert read.careless == {*CARELESS}


# ---- how a signature is written --------------------------------------------------------------------------------


def test_a_signature_is_without_self_and_has_its_defaults():
    def asked(self, names: dict[str, int], /, *rest: str, last: str = "no", **more: int) -> None: ...

    assert signature(asked) == (
        'def asked(names: dict[str, int], /, *rest: str, last: str = "no", **more: int) -> None: ...'
    )


def test_a_long_signature_has_a_line_for_each_argument_and_is_python():
    def long(first: dict[str, int], second: dict[str, int], third: dict[str, int], fourth: dict[str, int]) -> None: ...

    lines = signature(long).splitlines()
    assert len(lines) == len(inspect.signature(long).parameters) + 2
    ast.parse("\n".join(lines))
