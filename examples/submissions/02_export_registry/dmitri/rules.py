"""Rules for names."""

import keyword
from collections.abc import Mapping
from typing import Any


class InvalidSymbolNameError(ValueError):
    pass


SUBPACKAGES = ("keras", "estimator")


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
