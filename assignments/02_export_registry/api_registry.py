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
        raise NotImplementedError("Partial.__init__: see README.md, part 1")

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """Call func: the stored positional arguments come first, and a keyword of the call wins."""
        raise NotImplementedError("Partial.__call__: see README.md, part 1")


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
        raise NotImplementedError("ApiExport.__init__: see README.md, parts 2, 5")

    def __call__(self, symbol: T) -> T:
        """Stamp the names on a symbol, and return that very symbol.

        Raises:
            SymbolAlreadyExposedError: if it has names in this API already.
            TypeError: if nothing can be stamped on it. An export that raises changes nothing.
        """
        raise NotImplementedError("ApiExport.__call__: see README.md, parts 2, 5")

    def export_constant(self, module_name: str, attr: str) -> None:
        """Give the names to an attribute of a module, whatever its value will be when somebody asks.

        Appends (names, attr) to the module's list `_tensorflow_api_constants`, and (v1 names, attr) to
        `_tensorflow_api_constants_v1`; for another api_name, to lists that are called after it.

        Raises:
            KeyError: if no such module has been imported.
        """
        raise NotImplementedError("ApiExport.export_constant: see README.md, parts 2, 5")


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
    raise NotImplementedError("get_names: see README.md, parts 3, 5")


# %%
def get_canonical_name(
    symbol: object, api_name: str = "tensorflow", *, add_prefix_to_v1_names: bool = False
) -> str | None:
    """Return the one name by which the documentation calls a symbol, or None.

    It is the first name of version 2 that is not deprecated; if all are, the first. If there is none, it is found in
    the same way among those of version 1, and gets "compat.v1." in front of it on demand.
    """
    raise NotImplementedError("get_canonical_name: see README.md, parts 3, 5")


# %%
def deprecate(symbol: T, *names: str) -> T:
    """Add names to the tuple `_deprecated_api_names` of this very symbol, in any API, and return the symbol."""
    raise NotImplementedError("deprecate: see README.md, parts 3, 5")


# %% [markdown]
# ## Part 4: Collecting the API


# %%
def collect_api(modules: Iterable[ModuleType], api_name: str = "tensorflow", version: int = 2) -> dict[str, object]:
    """Return what each public name means, sorted by name: stamped attributes of the modules, and their constants.

    Constants are read now. Of anything else only its own stamps are looked at.

    Raises:
        SymbolAlreadyExposedError: if two objects claim one name, even if they are equal. It names both places.
    """
    raise NotImplementedError("collect_api: see README.md, part 4")


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
    raise NotImplementedError("unwrap: see README.md, part 5")


# %%
def make_decorator(target: Callable[..., Any], wrapper: T) -> T:
    """Make a wrapper look like its target, with `__wrapped__` for who wants to know, and return it.

    Name, qualified name, module, docstring and annotations are the target's. What else the target has in its
    `__dict__`, such as stamps, stays with it alone.
    """
    raise NotImplementedError("make_decorator: see README.md, part 5")


# %% [markdown]
# ## Part 6 (stretch): A package that imports nothing until it is asked


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
    raise NotImplementedError("render_package: see README.md, part 6")
