"""Every hook with its arguments, its contract, and the plugins of the grader that answer it, in pipeline order."""

from __future__ import annotations

import ast
import inspect
import io

from pluggy import PluginManager
from rich.console import Console

import grader_progress
from docs.reference.signature import explanation, filled, signature
from grader import hookspecs
from grader.manager import build_manager

BANNER = "# ---- "


def hooks() -> dict[str, ast.FunctionDef]:
    """Return every hook's specification, in the order of the file."""
    tree = ast.parse(inspect.getsource(hookspecs))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def stages() -> dict[int, str]:
    """Return the banners by their line."""
    lines = inspect.getsource(hookspecs).splitlines()
    return {n: line.strip("# -") for n, line in enumerate(lines, 1) if line.startswith(BANNER)}


def plugins_of_ours() -> PluginManager:
    """Return the default plugins and the display of `grader run`, which it registers itself."""
    manager = build_manager(installed=False)
    manager.register(grader_progress.Progress(Console(file=io.StringIO())), "grader_progress")
    return manager


def written() -> str:
    """Write the reference: each stage, each hook."""
    pieces, left, plugins = ["# Reference\n"], stages(), plugins_of_ours()
    for name, node in hooks().items():
        for line in [n for n in left if n < node.lineno]:
            pieces.append(f"## {left.pop(line).capitalize()}\n")
        pieces.append(_hook(name, plugins))
    return "\n".join(pieces)


def _hook(name: str, plugins: PluginManager) -> str:
    asked, specified = getattr(plugins.hook, name), getattr(hookspecs, name)
    first = "The first answer that is not None counts." if asked.spec.opts["firstresult"] else "Every plugin is asked."
    ours = ", ".join(f"`{plugin.plugin_name}`" for plugin in reversed(asked.get_hookimpls()))
    answered = filled(f"{first} The grader's own that answer, in the order in which they are asked: {ours}.")
    return f"### {name}\n\n```python\n{signature(specified)}\n```\n\n{explanation(specified)}\n\n{answered}\n"
