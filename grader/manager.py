"""The plugins of one run: the defaults, the installed ones, those asked for with `-p`, and the course's own.

A plugin is a module with hooks. One that takes settings defines `configured(settings)` instead, and what that returns
is registered: `[settings.NAME]` in course.toml is handed to it, an empty table where there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

import msgspec
import pluggy
from pluggy import PluginManager

from grader import hookspecs
from grader.errors import PluginError
from grader.schema import nearest

GROUP = "grader"
DEFAULT_PLUGINS = (
    "grader_module",
    "grader_notebook",
    "grader_folder",
    "grader_archive",
    "grader_inbox",
    "grader_json",
    "grader_csv",
    "grader_junit",
    "grader_html",
    "grader_console",
    "grader_late",
    "grader_bwrap",
    "grader_none",
    "grader_local",
    "grader_gpu",
    "grader_machine",
)
Settings = Mapping[str, Mapping[str, Any]]


def build_manager(
    *,
    extra: Iterable[str | Path] = (),
    blocked: Iterable[str] = (),
    installed: bool = True,
    defaults: Iterable[str] | None = None,
    settings: Settings | None = None,
) -> PluginManager:
    """Return a manager with the default, the installed and the `extra` plugins: importable names, or files.

    Later registrations are asked first (pluggy is last in, first out), so an installed plugin can answer before a
    default one, and a course's own before both.
    """
    manager = PluginManager("grader")
    manager.add_hookspecs(hookspecs)
    settings = settings or {}
    defaults = DEFAULT_PLUGINS if defaults is None else tuple(defaults)
    extra, blocked = tuple(extra), tuple(blocked)
    found = {point.name: point for point in entry_points(group=GROUP)} if installed else {}
    _refuse_unknown("no:", blocked, (*defaults, *found, *map(name_of, extra)))
    for name in blocked:
        manager.set_blocked(name)
    for plugin in (*defaults, *found.values(), *extra):
        name = name_of(plugin)
        if not manager.is_blocked(name) and not manager.has_plugin(name):
            _register(manager, name, _module(plugin, (*defaults, *found)), settings)
    _refuse_unknown("settings.", settings, (*(name for name, _ in manager.list_name_plugin()), *blocked))
    _refuse_misspelt_hooks(manager)
    return manager


def asked_for(options: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split what `-p` was given into the plugins to add and those to block (`no:NAME`)."""
    options = tuple(options)
    blocked = tuple(option.removeprefix("no:") for option in options if option.startswith("no:"))
    return tuple(option for option in options if not option.startswith("no:")), blocked


def of_course(plugins: Iterable[str], root: Path) -> tuple[str | Path, ...]:
    """Return a course's plugins: those that name a file, as paths."""
    return tuple(root / name if name.endswith(".py") else name for name in plugins)


def name_of(plugin: str | Path | EntryPoint) -> str:
    """Return the name under which a plugin is registered: a file's stem."""
    match plugin:
        case str():
            return plugin
        case Path():
            return plugin.stem
    return plugin.name


def blamed(manager: PluginManager, error: BaseException) -> str:
    """Return the name of the plugin in which an exception arose."""
    plugins = {module_of(plugin): name for name, plugin in manager.list_name_plugin() if plugin is not None}
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__)]
    for module in reversed(modules):
        for plugin, name in plugins.items():
            if module == plugin or module.startswith(f"{plugin}."):
                return name
    return "that was asked"


def module_of(plugin: Any) -> str:
    """Return the module that a plugin is, or is made by."""
    return plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__


def _register(manager: PluginManager, name: str, module: Any, settings: Settings) -> None:
    table = settings.get(name, {})
    plugin = module
    if hasattr(module, "configured"):
        try:
            plugin = module.configured(table)
        except msgspec.ValidationError as error:
            raise PluginError(f"'{name}': {error}", place=f"course.toml, [settings.{name}]") from None
    elif table:
        raise PluginError(f"'{name}' takes no settings", place="course.toml", step=f"delete [settings.{name}]")
    try:
        manager.register(plugin, name)
    except pluggy.PluginValidationError as error:
        step = "compare its arguments with grader/hookspecs.py"
        raise PluginError(f"'{name}': {str(error).strip().splitlines()[-1]}", place=_file(module), step=step) from error


def _module(plugin: str | Path | EntryPoint, known: Iterable[str]) -> Any:
    match plugin:
        case str():
            return _imported(plugin, known)
        case Path():
            return _from_file(plugin)
    return _loaded(plugin)


def _imported(name: str, known: Iterable[str]) -> ModuleType:
    """Import a plugin; one that is not there is a PluginError, and one that breaks keeps its traceback."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.split(".")[0] and error.name != name:
            raise PluginError(f"'{name}' needs '{error.name}', which is not installed", place=name) from error
        raise PluginError(f"there is no plugin '{name}'", step=_step(name, known)) from None


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        step = f"mend or uninstall it, or leave it out: -p no:{point.name}"
        raise PluginError(f"'{point.name}' cannot be loaded: {error}", place=point.value, step=step) from error


def _from_file(path: Path) -> ModuleType:
    name = f"course_plugin_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise PluginError("a plugin's file is missing", place=path, step="mend plugins = [...] in course.toml")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _refuse_unknown(prefix: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = tuple(known)
    for name in names:
        if name not in known:
            raise PluginError(f"{prefix}{name}: there is no plugin '{name}'", step=_step(name, known))


def _step(name: str, known: Iterable[str]) -> str:
    meant = nearest(name, known)
    return f"did you mean {' or '.join(meant)}?" if meant else "see grader plugins for those that there are"


def _refuse_misspelt_hooks(manager: PluginManager) -> None:
    """Raise a PluginError for a hook that nobody asks: a misspelt one is an error and not silence."""
    hooks = [name for name in vars(hookspecs) if name.startswith("grader_")]
    for name, plugin in manager.list_name_plugin():
        for caller in manager.get_hookcallers(plugin) or ():
            if not caller.has_spec():
                place = _file(plugin)
                step = _step(caller.name, hooks).replace("grader plugins", "grader/hookspecs.py")
                raise PluginError(f"'{name}' answers '{caller.name}', which nobody asks", place=place, step=step)


def _file(plugin: Any) -> str:
    return str(getattr(sys.modules.get(module_of(plugin)), "__file__", None) or plugin)
