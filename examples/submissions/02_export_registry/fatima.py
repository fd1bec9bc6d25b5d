import functools
import keyword
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


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
        if not callable(func):
            raise TypeError(f"the first argument must be callable, not {type(func).__name__}")
        if isinstance(func, Partial):
            func, args, keywords = func.func, func.args + args, func.keywords | keywords
        self.func, self.args, self.keywords = func, args, keywords

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """Call func: the stored positional arguments come first, and a keyword of the call wins."""
        return self.func(*self.args, *args, **self.keywords | keywords)


class SymbolAlreadyExposedError(Exception):
    """A symbol that has a name already, or a name that has a symbol already."""


class InvalidSymbolNameError(ValueError):
    """A public name that cannot be, or cannot be in this API."""


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
        self.names = {2: names, 1: names if v1 is None else tuple(v1)}
        if not any(self.names.values()):
            raise InvalidSymbolNameError("an export needs a name")
        for name in self.names[2] + self.names[1]:
            _check_name(name)
            _check_place(name, api_name)
        self.api_name = api_name
        self.allow_multiple_exports = allow_multiple_exports
        self.overrides = overrides

    def __call__(self, symbol: T) -> T:
        """Stamp the names on a symbol, and return that very symbol.

        Raises:
            SymbolAlreadyExposedError: if it has names in this API already.
            TypeError: if nothing can be stamped on it. An export that raises changes nothing.
        """
        keys = _keys(self.api_name)
        target = symbol
        if not self.allow_multiple_exports and any(key in _own(target) for key in keys.values()):
            raise SymbolAlreadyExposedError(f"{symbol!r} is exported as {get_names(symbol, self.api_name)}")
        try:
            for version, key in keys.items():
                setattr(target, key, self.names[version])
        except (AttributeError, TypeError) as error:
            raise TypeError(f"{symbol!r} has no place for a name: use export_constant") from error
        for overridden in self.overrides:
            for key in keys.values():
                if key in _own(overridden):
                    delattr(overridden, key)
        return symbol

    def export_constant(self, module_name: str, attr: str) -> None:
        """Give the names to an attribute of a module, whatever its value will be when somebody asks.

        Appends (names, attr) to the module's list `_tensorflow_api_constants`, and (v1 names, attr) to
        `_tensorflow_api_constants_v1`; for another api_name, to lists that are called after it.

        Raises:
            KeyError: if no such module has been imported.
        """
        module = sys.modules[module_name]
        for version, key in _keys(self.api_name, "constants").items():
            vars(module).setdefault(key, []).append((self.names[version], attr))


tf_export = functools.partial(ApiExport, api_name="tensorflow")
keras_export = functools.partial(ApiExport, api_name="keras")


def get_names(symbol: object, api_name: str = "tensorflow", version: int = 2) -> tuple[str, ...]:
    """Return the names that were stamped on this very symbol, or () if none were.

    Raises:
        ValueError: if the version is neither 1 nor 2.
    """
    if version not in (1, 2)
        raise ValueError(f"there is no version {version}")
    return _own(symbol).get(_keys(api_name)[version], ())


def get_canonical_name(
    symbol: object, api_name: str = "tensorflow", *, add_prefix_to_v1_names: bool = False
) -> str | None:
    """Return the one name by which the documentation calls a symbol, or None.

    It is the first name of version 2 that is not deprecated; if all are, the first. If there is none, it is found in
    the same way among those of version 1, and gets "compat.v1." in front of it on demand.
    """
    deprecated = _own(symbol).get("_deprecated_api_names", ())
    for version, prefix in ((2, ""), (1, "compat.v1." if add_prefix_to_v1_names else "")):
        names = get_names(symbol, api_name, version)
        for name in [name for name in names if name not in deprecated] or names:
            return prefix + name
    return None


def deprecate(symbol: T, *names: str) -> T:
    """Add names to the tuple `_deprecated_api_names` of this very symbol, in any API, and return the symbol."""
    target = symbol
    target._deprecated_api_names = _own(target).get("_deprecated_api_names", ()) + names
    return symbol


def collect_api(modules: Iterable[ModuleType], api_name: str = "tensorflow", version: int = 2) -> dict[str, object]:
    """Return what each public name means, sorted by name: stamped attributes of the modules, and their constants.

    Constants are read now. Of anything else only its own stamps are looked at.

    Raises:
        SymbolAlreadyExposedError: if two objects claim one name, even if they are equal. It names both places.
    """
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
