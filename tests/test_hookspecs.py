"""Every hook is used, documented with its real arguments, and explained.

The reference in docs/hooks.md is written by this file: `python tests/test_hookspecs.py`.
"""

import ast
import inspect
import io
from pathlib import Path

import pytest
from rich.console import Console

from grader import hookspecs
from grader.manager import DEFAULT_PLUGINS, build_manager

PAGE = Path(__file__).parent.parent / "docs" / "hooks.md"
BEGIN, END = "<!-- generated from grader/hookspecs.py -->\n", "<!-- end -->\n"
BANNER = "# ---- "


def hooks() -> dict[str, ast.FunctionDef]:
    """Return every hook's specification, in the order of the file."""
    tree = ast.parse(inspect.getsource(hookspecs))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def stages() -> dict[int, str]:
    """Return the banners by their line."""
    lines = inspect.getsource(hookspecs).splitlines()
    return {n: line.strip("# -") for n, line in enumerate(lines, 1) if line.startswith(BANNER)}


def reference() -> str:
    """Write the reference: each stage, each hook, each docstring."""
    written, left = [], stages()
    for name, node in hooks().items():
        for line in [n for n in left if n < node.lineno]:
            written.append(f"## {left.pop(line).capitalize()}\n")
        arguments = ", ".join(ast.unparse(argument) for argument in node.args.args)
        answer = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        first = any("firstresult=True" in ast.unparse(decorator) for decorator in node.decorator_list)
        written.append(f"### {name}\n")
        written.append(f"```python\ndef {name}({arguments}){answer}\n```\n")
        written.append("The first answer that is not None counts.\n" if first else "Every plugin is asked.\n")
        written.append(_paragraphs(inspect.cleandoc(ast.get_docstring(node) or "")))
    return "\n".join(written)


def _paragraphs(docstring: str) -> str:
    """Turn `Asked: ...` paragraphs into a list; lines that are indented go on with the one before."""
    summary, _, rest = docstring.partition("\n\n")
    items: list[str] = []
    for line in rest.splitlines():
        if line.startswith(" ") or (items and not line.partition(":")[1]):
            items[-1] += f" {line.strip()}"
        else:
            head, _, text = line.partition(":")
            items.append(f"- **{head}:** {text.strip()}")
    return "\n".join([*summary.splitlines(), *(["", *items] if items else []), ""])


def page() -> str:
    """Return the page with its reference brought up to date."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n" + reference() + "\n" + END + rest.partition(END)[2]


@pytest.fixture(scope="module")
def plugins():
    """Return the default plugins and the display of `grader run`."""
    from grader_progress import Progress

    manager = build_manager(installed=False)
    manager.register(Progress(Console(file=io.StringIO())), "grader_progress")
    return manager


def test_every_default_plugin_is_there_and_answers_a_hook(plugins):
    idle = [name for name in DEFAULT_PLUGINS if not plugins.get_hookcallers(plugins.get_plugin(name))]
    assert idle == []


@pytest.mark.parametrize("name", hooks())
def test_a_hook_exists_because_a_plugin_of_ours_uses_it(plugins, name):
    assert getattr(plugins.hook, name).get_hookimpls() != []


@pytest.mark.parametrize("name", hooks())
def test_a_hook_says_when_it_is_asked_and_what_it_may_answer(name):
    documented = inspect.getdoc(getattr(hookspecs, name)) or ""
    answer = hooks()[name].returns
    if answer is not None and ast.unparse(answer) != "None" and not name.endswith("_kinds"):
        assert "Asked:" in documented
        assert "Answer:" in documented
    assert documented.splitlines()[0].endswith(".")


def test_every_hook_stands_under_the_banner_of_its_stage():
    assert list(stages().values()) == ["discover", "load", "run", "score", "report", "beside a run"]
    assert all(node.lineno > min(stages()) for node in hooks().values())


def test_the_page_lists_every_hook_with_its_real_arguments():
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/hooks.md is stale: run python tests/test_hookspecs.py"


def test_the_example_of_the_page_is_a_plugin(tmp_path):
    example = PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    file = tmp_path / "house_rules.py"
    file.write_text(example)
    manager = build_manager(defaults=[], installed=False, extra=[file])
    assert manager.hook.grader_adjust_score.get_hookimpls() != []


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
