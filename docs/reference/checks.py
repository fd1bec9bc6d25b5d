"""What a check and a probe may use: what is imported, fixtures, marks."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from _pytest.fixtures import FixtureFunctionDefinition

from docs.reference.signature import definition, explanation, signature
from grader import checks, probing
from grader.probing.collectives import Log
from grader.probing.gate import Gate
from grader.probing.meter import Meter
from grader.referee import fixtures
from grader.referee.plugin import MARKERS

METHODS = {  # of what a probe's block is given, by the name that the pages give it: those that authors call
    "metered": ("used", (Meter.counts,)),
    "recorded": ("log", (Log.mark, Log.marks_grads)),
    "held": ("gate", (Gate.returned,)),
}


def written() -> str:
    """Write the reference."""
    return "\n".join([
        "## Imported: `from grader.checks import ...`\n", *_imported(checks),
        "## Fixtures\n", *_fixtures(),
        "## Marks\n", _marks(),
        "## In probes: `from grader.probing import ...`\n", *_imported(probing),
    ])  # fmt: skip


def _entry(name: str, code: str, said: str) -> str:
    return f"### {name}\n\n```python\n{code}\n```\n\n{said}\n"


def _imported(module: Any) -> Iterator[str]:
    for name in module.__all__:
        found = getattr(module, name)
        if inspect.isfunction(found):
            yield _entry(name, signature(found), explanation(found))
            given, methods = METHODS.get(name, ("", ()))
            for method in methods:
                yield _entry(f"{name}() as {given}: {given}.{method.__name__}", signature(method), explanation(method))
        else:
            yield f"### {name}\n\n{explanation(found)}{_fields(found)}\n"


def _fields(struct: Any) -> str:
    names = ", ".join(f"`{name}`" for name in getattr(struct, "__struct_fields__", ()))
    return f" It has {names}." if names else ""


def fixture_functions() -> dict[str, Callable[..., Any]]:
    """Return the function of each fixture by the name that a check gives its argument."""
    return {
        name: inspect.unwrap(found)
        for name, found in vars(fixtures).items()
        if isinstance(found, FixtureFunctionDefinition)
    }


def _fixtures() -> Iterator[str]:
    told: dict[Any, str] = {}
    for name, function in fixture_functions().items():
        kind = vars(fixtures).get(ast.unparse(definition(function).returns or ast.Constant(None)))
        yield f"### {name}\n\n{explanation(function)}\n"
        if kind in told:
            yield f"It has all that `{told[kind]}` has.\n"
        elif kind is not None:
            told[kind] = name
            yield from _members(name, kind)


def _members(fixture: str, kind: type) -> Iterator[str]:
    """Write what a fixture's value can do: calling it, its methods, its properties."""
    for name, found in vars(kind).items():
        if name == "__call__":
            yield _entry(f"{fixture}(...)", signature(found, fixture), explanation(found))
        elif inspect.isfunction(found) and not name.startswith("_"):
            yield _entry(f"{fixture}.{name}", signature(found), explanation(found))
        elif isinstance(found, property):
            yield _entry(f"{fixture}.{name}", f"{name}: {found.fget.__annotations__['return']}", explanation(found))


def _marks() -> str:
    rows = [mark.partition(": ")[::2] for mark in MARKERS]
    return "\n".join(["| mark | means |", "|---|---|", *(f"| `{mark}` | {said} |" for mark, said in rows), ""])
