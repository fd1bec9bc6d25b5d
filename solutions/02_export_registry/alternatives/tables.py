"""Another correct solution: small functions, comprehensions, and the standard library's own tools."""

import dataclasses
import functools
import inspect
import itertools
import keyword
import sys
from collections import ChainMap
from pathlib import PurePosixPath

VERSIONS = (2, 1)
NOTHING = ()


class Partial:
    """A function with arguments filled in."""

    def __init__(self, /, *args, **keywords):
        func, *args = args
        if not callable(func):
            raise TypeError(f"{func!r} is not callable")
        inner = (func.args, func.keywords) if type(func) is Partial or isinstance(func, Partial) else ((), {})
        self.func = getattr(func, "func", func) if isinstance(func, Partial) else func
        self.args = tuple(itertools.chain(inner[0], args))
        self.keywords = dict(ChainMap(keywords, inner[1]))

    def __call__(self, /, *args, **keywords):
        """Call the function."""
        return self.func(*itertools.chain(self.args, args), **ChainMap(keywords, self.keywords))


class SymbolAlreadyExposedError(RuntimeError):
    """Who asked second."""


class InvalidSymbolNameError(ValueError):
    """Not this name."""


def key_of(api_name, version, kind="names"):
    """Return the attribute of a stamp, or of a list of constants."""
    return f"_{api_name}_api_{kind}{'_v1' if version == 1 else ''}"


def own(thing, key, default=NOTHING):
    """Look into an instance's or class's own dict, without asking the thing itself anything."""
    try:
        return object.__getattribute__(thing, "__dict__").get(key, default)
    except (AttributeError, TypeError):
        return default


def problem(name, api_name=None):
    """Say what is wrong with a name, or None."""
    parts = name.split(".")
    if not all(map(str.isidentifier, parts)) or any(map(keyword.iskeyword, parts)):
        return "no name in Python"
    if api_name == "tensorflow" and parts[0] in {"keras", "estimator"}:
        return f"{parts[0]} is an API of its own"
    if api_name not in (None, "tensorflow", parts[0]):
        return f"outside of {api_name}"
    return None


def insist(names, api_name=None):
    """Raise for the first name with which something is wrong."""
    for name in names:
        if (why := problem(name, api_name)) is not None:
            raise InvalidSymbolNameError(f"{name!r}: {why}")


@dataclasses.dataclass(init=False)
class ApiExport:
    """A decorator that stamps names."""

    by_version: dict
    api_name: str
    replaces: bool
    overrides: tuple

    def __init__(self, *names, api_name="tensorflow", v1=None, allow_multiple_exports=False, overrides=()):
        self.by_version = dict(zip(VERSIONS, (tuple(names), tuple(names if v1 is None else v1)), strict=True))
        self.api_name, self.replaces, self.overrides = api_name, allow_multiple_exports, tuple(overrides)
        everything = list(itertools.chain(*self.by_version.values()))
        insist(everything or [""], api_name)

    def __call__(self, symbol):
        """Stamp the names."""
        target = unwrap(symbol)[-1]
        stamps = {key_of(self.api_name, version): names for version, names in self.by_version.items()}
        taken = [key for key in stamps if own(target, key, None) is not None]
        if taken and not self.replaces:
            raise SymbolAlreadyExposedError(f"{target!r}: {own(target, taken[0])}")
        for key, names in stamps.items():
            try:
                setattr(target, key, names)
            except AttributeError as error:
                raise TypeError(f"{target!r} takes no attribute") from error
        for other, key in itertools.product(self.overrides, stamps):
            if own(unwrap(other)[-1], key, None) is not None:
                delattr(unwrap(other)[-1], key)
        return symbol

    def export_constant(self, module_name, attr):
        """Record a constant's names on its module."""
        there = sys.modules[module_name].__dict__
        for version, names in self.by_version.items():
            there.setdefault(key_of(self.api_name, version, "constants"), []).append((names, attr))


tf_export = functools.partial(ApiExport, api_name="tensorflow")
keras_export = functools.partial(ApiExport, api_name="keras")


def get_names(symbol, api_name="tensorflow", version=2):
    """Return the stamp."""
    if version not in VERSIONS:
        raise ValueError(f"version {version}")
    return own(unwrap(symbol)[-1], key_of(api_name, version))


def get_canonical_name(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    """Return the name for the documentation."""
    prefixes = dict(zip(VERSIONS, ("", "compat.v1." * add_prefix_to_v1_names), strict=True))
    deprecated = set(own(unwrap(symbol)[-1], "_deprecated_api_names"))
    for version in VERSIONS:
        if names := get_names(symbol, api_name, version):
            return prefixes[version] + min(names, key=lambda name: (name in deprecated, names.index(name)))
    return None


def deprecate(symbol, *names):
    """Add to the deprecated names."""
    target = unwrap(symbol)[-1]
    target._deprecated_api_names = own(target, "_deprecated_api_names") + names
    return symbol


def collect_api(modules, api_name="tensorflow", version=2):
    """Return what each name means."""

    def claims(module):
        for attr in dir(module):
            value = inspect.getattr_static(module, attr)
            yield from ((name, value, attr) for name in get_names(value, api_name, version))
        for names, attr in getattr(module, key_of(api_name, version, "constants"), ()):
            yield from ((name, getattr(module, attr), attr) for name in names)

    found = {}
    for module in modules:
        for name, value, attr in claims(module):
            before, where = found.setdefault(name, (value, (module.__name__, attr)))
            if before is not value:
                raise SymbolAlreadyExposedError(f"{name}: {where}, {module.__name__, attr}")
    return {name: value for name, (value, _) in sorted(found.items(), key=lambda item: item[0])}


def unwrap(symbol):
    """Follow the wrappers."""
    seen = {id(symbol): symbol}
    while True:
        symbol = next(reversed(seen.values()))
        inner = symbol.__func__ if type(symbol) in (staticmethod, classmethod) else own(symbol, "__wrapped__", None)
        if inner is None:
            return list(seen.values())[:-1], symbol
        if id(inner) in seen:
            raise ValueError("these wrappers have no end")
        seen[id(inner)] = inner


def make_decorator(target, wrapper):
    """Make a wrapper look like its target."""
    stamps = dict(vars(wrapper))
    functools.wraps(target)(wrapper)
    for key in set(vars(wrapper)) - set(stamps) - {"__wrapped__"}:
        delattr(wrapper, key)
    return wrapper


TEXT = """\
from importlib import import_module as _import_module
from operator import attrgetter as _attrgetter
_names = {names!r}
__all__ = {all!r}
_here, _error = globals(), AttributeError

def __getattr__(name):
    if name not in _names:
        raise _error(name)
    module, attr = _names[name]
    value = _import_module(module, __name__)
    if attr:
        value = _attrgetter(attr)(value)
    _here[name] = value
    return value

def __dir__():
    return list(__all__)
"""


def render_package(targets, root):
    """Write the lazy packages."""
    insist(targets)
    paths = {PurePosixPath(*name.split(".")): tuple(target.split(":")) for name, target in targets.items()}
    packages = set().union({PurePosixPath()}, *(path.parents for path in paths))
    if packages & set(paths):
        raise InvalidSymbolNameError("a target cannot be a package")
    paths |= {package: ("." + package.name, "") for package in packages if package.name}
    contents = {package: {} for package in sorted(packages)}
    for path in sorted(paths):
        contents[path.parent][path.name] = paths[path]
    return {
        str(root / package / "__init__.py"): TEXT.format(names=names, all=sorted(names))
        for package, names in contents.items()
    }
