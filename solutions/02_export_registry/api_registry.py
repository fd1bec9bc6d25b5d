# %% [markdown]
# # Naming an API with a decorator
#
# Read `README.md` (or `README.zh.md`) first: it has the idea, the pinned conventions and the points. Fill in the
# functions and classes below, and hand in this module or its notebook. Only the standard library is needed.
# `grader check 2` and `pytest` try your work on the examples of the handout.

# %%
import functools
import keyword
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")

# %% [markdown]
# ## Part 1: A function with some arguments filled in


# %%
class Partial:
    """A function with some of its arguments filled in: functools.partial, written by hand.

    Attributes:
        func, args, keywords: the function, the stored positional arguments (a tuple) and keyword arguments (a dict).
            The func of a Partial of a Partial is no Partial: the two are merged.

    Raises:
        TypeError: if func cannot be called.

    Source:
        https://docs.python.org/3/library/functools.html#functools.partial
    """

    func: Callable[..., Any]
    args: tuple[Any, ...]
    keywords: dict[str, Any]

    def __init__(self, func: Callable[..., Any], /, *args: Any, **keywords: Any) -> None:
        # BEGIN SOLUTION
        if not callable(func):
            raise TypeError(f"the first argument must be callable, not {type(func).__name__}")
        if isinstance(func, Partial):
            func, args, keywords = func.func, func.args + args, func.keywords | keywords
        self.func, self.args, self.keywords = func, args, keywords
        # END SOLUTION

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """Call func: the stored positional arguments come first, and a keyword of the call wins."""
        # BEGIN SOLUTION
        return self.func(*self.args, *args, **self.keywords | keywords)
        # END SOLUTION


# %% [markdown]
# ## Part 2: A decorator that stamps a name
#
# The two exceptions and the last cell of this part are given.


# %%
class SymbolAlreadyExposedError(Exception):
    """A symbol that has a name already, or a name that has a symbol already."""


class InvalidSymbolNameError(ValueError):
    """A public name that cannot be, or cannot be in this API."""


# %%
# BEGIN SOLUTION
SUBPACKAGES = ("keras", "estimator")  # APIs of their own, into which tensorflow does not export


def _within(name: str, package: str) -> bool:
    """Whether a name is that of a package, or of something in it: the boundary is a dot."""
    return f"{name}.".startswith(f"{package}.")


def _check_name(name: str) -> None:
    """Refuse what could not be written after `import`."""
    for part in name.split("."):
        if not part.isidentifier() or keyword.iskeyword(part):
            raise InvalidSymbolNameError(f"{part!r} in {name!r} is no name in Python")


def _check_place(name: str, api_name: str) -> None:
    """Refuse a name that is not in this API's own place."""
    if api_name == "tensorflow":
        allowed = not any(_within(name, package) for package in SUBPACKAGES)
    else:
        allowed = _within(name, api_name)
    if not allowed:
        raise InvalidSymbolNameError(f"{api_name} may not export {name!r}")


def _own(symbol: object) -> Mapping[str, Any]:
    """Return what a symbol has of its own. An attribute may also come from its class, which is another symbol."""
    try:
        return vars(symbol)
    except Exception:  # it has no __dict__, or a __getattr__ that raises what it likes
        return {}


def _keys(api_name: str, what: str = "names") -> dict[int, str]:
    """Return the attribute in which each version's stamp is."""
    return {2: f"_{api_name}_api_{what}", 1: f"_{api_name}_api_{what}_v1"}


# END SOLUTION


# %%
class ApiExport:
    """Gives a symbol public names, in the manner of a decorator: `@ApiExport("nn.relu")`.

    Attributes of the symbol that it stamps, both tuples, for api_name="tensorflow":
        _tensorflow_api_names, _tensorflow_api_names_v1

    Args:
        names: in the second version of the API; the first of them is the canonical one.
        v1: the names in the first version. None: the same; an empty sequence: none.
        allow_multiple_exports: whether new names may replace old ones.
        overrides: symbols that lose their names in this API once the new names are given.

    Raises:
        InvalidSymbolNameError: when it is made, if there is no name at all, or a name that is not allowed.

    Source:
        tensorflow/python/util/tf_export.py, class api_export.
    """

    def __init__(
        self,
        *names: str,
        api_name: str = "tensorflow",
        v1: Sequence[str] | None = None,
        allow_multiple_exports: bool = False,
        overrides: Sequence[object] = (),
    ) -> None:
        # BEGIN SOLUTION
        self.names = {2: names, 1: names if v1 is None else tuple(v1)}
        if not any(self.names.values()):
            raise InvalidSymbolNameError("an export needs a name")
        for name in self.names[2] + self.names[1]:
            _check_name(name)
            _check_place(name, api_name)
        self.api_name = api_name
        self.allow_multiple_exports = allow_multiple_exports
        self.overrides = overrides
        # END SOLUTION

    def __call__(self, symbol: T) -> T:
        """Stamp the names on a symbol, and return that very symbol.

        Raises:
            SymbolAlreadyExposedError: if it has names in this API already.
            TypeError: if nothing can be stamped on it. An export that raises changes nothing.
        """
        # BEGIN SOLUTION
        keys = _keys(self.api_name)
        target = unwrap(symbol)[1]
        if not self.allow_multiple_exports and any(key in _own(target) for key in keys.values()):
            raise SymbolAlreadyExposedError(f"{symbol!r} is exported as {get_names(symbol, self.api_name)}")
        try:
            for version, key in keys.items():
                setattr(target, key, self.names[version])
        except (AttributeError, TypeError) as error:
            raise TypeError(f"{symbol!r} has no place for a name: use export_constant") from error
        for overridden in (unwrap(other)[1] for other in self.overrides):
            for key in keys.values():
                if key in _own(overridden):
                    delattr(overridden, key)
        return symbol
        # END SOLUTION

    def export_constant(self, module_name: str, attr: str) -> None:
        """Give the names to an attribute of a module, whatever its value will be when somebody asks.

        Appends (names, attr) to the module's list `_tensorflow_api_constants`, and (v1 names, attr) to
        `_tensorflow_api_constants_v1`; for another api_name, to lists that are called after it.

        Raises:
            KeyError: if no such module has been imported.
        """
        # BEGIN SOLUTION
        module = sys.modules[module_name]
        for version, key in _keys(self.api_name, "constants").items():
            vars(module).setdefault(key, []).append((self.names[version], attr))
        # END SOLUTION


# %% [markdown]
# This line is the article's own. When part 1 is done, `Partial` will do in the place of `functools.partial`.

# %%
tf_export = functools.partial(ApiExport, api_name="tensorflow")
keras_export = functools.partial(ApiExport, api_name="keras")

# %% [markdown]
# ## Part 3: Asking a symbol for its name


# %%
def get_names(symbol: object, api_name: str = "tensorflow", version: int = 2) -> tuple[str, ...]:
    """Return the names that were stamped on this very symbol, or () if none were.

    Raises:
        ValueError: if the version is neither 1 nor 2.
    """
    # BEGIN SOLUTION
    if version not in (1, 2):
        raise ValueError(f"there is no version {version}")
    return _own(unwrap(symbol)[1]).get(_keys(api_name)[version], ())
    # END SOLUTION


# %%
def get_canonical_name(
    symbol: object, api_name: str = "tensorflow", *, add_prefix_to_v1_names: bool = False
) -> str | None:
    """Return the one name by which the documentation calls a symbol, or None.

    It is the first name of version 2 that is not deprecated; if all are, the first. If there is none, it is found in
    the same way among those of version 1, and gets "compat.v1." in front of it on demand.
    """
    # BEGIN SOLUTION
    deprecated = _own(unwrap(symbol)[1]).get("_deprecated_api_names", ())
    for version, prefix in ((2, ""), (1, "compat.v1." if add_prefix_to_v1_names else "")):
        names = get_names(symbol, api_name, version)
        if names:
            return prefix + next((name for name in names if name not in deprecated), names[0])
    return None
    # END SOLUTION


# %%
def deprecate(symbol: T, *names: str) -> T:
    """Add names to the tuple `_deprecated_api_names` of this very symbol, in any API, and return the symbol."""
    # BEGIN SOLUTION
    target = unwrap(symbol)[1]
    target._deprecated_api_names = _own(target).get("_deprecated_api_names", ()) + names
    return symbol
    # END SOLUTION


# %% [markdown]
# ## Part 4: Collecting the API


# %%
def collect_api(modules: Iterable[ModuleType], api_name: str = "tensorflow", version: int = 2) -> dict[str, object]:
    """Return what each public name means, sorted by name: stamped attributes of the modules, and their constants.

    Constants are read now. Of anything else only its own stamps are looked at.

    Raises:
        SymbolAlreadyExposedError: if two objects claim one name, even if they are equal. It names both places.
    """
    # BEGIN SOLUTION
    found: dict[str, tuple[object, str]] = {}
    for module in modules:
        claims = [(get_names(value, api_name, version), attr) for attr, value in vars(module).items()]
        claims += vars(module).get(_keys(api_name, "constants")[version], [])
        for name, attr in [(name, attr) for names, attr in claims for name in names]:
            value, place = getattr(module, attr), f"{module.__name__}.{attr}"
            other, elsewhere = found.setdefault(name, (value, place))
            if other is not value:
                raise SymbolAlreadyExposedError(f"{name!r} is claimed by {elsewhere} and by {place}")
    return {name: found[name][0] for name in sorted(found)}
    # END SOLUTION


# %% [markdown]
# ## Part 5 (stretch): When a function is decorated twice
#
# Besides these two functions, this part asks that the class and the functions of parts 2 and 3 see through wrappers.


# %%
def unwrap(symbol: object) -> tuple[list[object], object]:
    """Return the wrappers around a symbol, outermost first, and what is innermost.

    A wrapper has `__wrapped__` in its own `__dict__`, or is a staticmethod or classmethod object.

    Raises:
        ValueError: if the wrappers go round in a circle.
    """
    # BEGIN SOLUTION
    wrappers: list[object] = []
    while True:
        method = isinstance(symbol, staticmethod | classmethod)
        inner = symbol.__func__ if method else _own(symbol).get("__wrapped__")
        if inner is None:
            return wrappers, symbol
        if any(symbol is wrapper for wrapper in wrappers):
            raise ValueError("the wrappers go round in a circle")
        wrappers.append(symbol)
        symbol = inner
    # END SOLUTION


# %%
def make_decorator(target: Callable[..., Any], wrapper: T) -> T:
    """Make a wrapper look like its target, with `__wrapped__` for who wants to know, and return it.

    Name, qualified name, module, docstring and annotations are the target's. What else the target has in its
    `__dict__`, such as stamps, stays with it alone.
    """
    # BEGIN SOLUTION
    return functools.update_wrapper(wrapper, target, updated=())
    # END SOLUTION


# %% [markdown]
# ## Part 6 (stretch): A package that imports nothing until it is asked


# %%
# BEGIN SOLUTION
# The names in double underscores stay free for an API; `__python__` because the API may have a `getattr` of its own.
PACKAGE = """\
import builtins as __python__
import importlib as __importlib__

__targets__ = {targets}
__all__ = {names}
__found__ = globals()


def __getattr__(name):
    if name not in __targets__:
        raise __python__.AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    module, _, attr = __targets__[name].partition(":")
    found = __importlib__.import_module(module, __name__)
    __found__[name] = __python__.getattr(found, attr) if attr else found
    return __found__[name]


def __dir__():
    return __all__
"""
# END SOLUTION


# %%
def render_package(targets: Mapping[str, str], root: str) -> dict[str, str]:
    """Return the sources of a package in which each API name means "module:attr": path, such as "root/nn/__init__.py".

    Importing it, or a package in it, imports no target. The first access to a name imports the one that it needs, and
    keeps what it found in the package's globals. Equal targets give equal texts, in whatever order they come.

    Raises:
        InvalidSymbolNameError: if a name is not one in Python, or is both a target and a package.

    Source:
        PEP 562, "Module __getattr__ and __dir__".
    """
    # BEGIN SOLUTION
    packages: dict[str, dict[str, str]] = {"": {}}
    for name in targets:
        _check_name(name)
        parts = name.split(".")
        packages |= {".".join(parts[:end]): {} for end in range(1, len(parts))}
    if both := packages.keys() & targets.keys():
        raise InvalidSymbolNameError(f"{min(both)!r} is both a target and a package")
    subpackages = {name: "." + name.rpartition(".")[2] for name in packages if name}  # relative to its parent
    for name, target in sorted({**targets, **subpackages}.items()):
        parent, _, last = name.rpartition(".")
        packages[parent][last] = target
    return {
        "/".join([root, *filter(None, name.split(".")), "__init__.py"]): PACKAGE.format(targets=inside, names=[*inside])
        for name, inside in sorted(packages.items())
    }
    # END SOLUTION
