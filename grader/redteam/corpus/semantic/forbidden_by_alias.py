"""Calls what is ruled out under names that it was given before: an alias, a partial, a wrapper."""
# ends: forbidden

import functools
import importlib


def found(name):
    """What a dotted name means."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            return functools.reduce(getattr, parts[end:], importlib.import_module(".".join(parts[:end])))
        except (ImportError, AttributeError):
            pass


ALIASES = [alias for alias in map(found, FORBIDDEN) if callable(alias)]
WRAPPED = [functools.partial(alias) for alias in ALIASES] + [alias.__call__ for alias in ALIASES]


def attack(honest, *args, **kwargs):
    for call in WRAPPED + ALIASES:
        try:
            call(*args, **kwargs)
        except Exception:
            pass  # ForbiddenCall is none of these
    return honest(*args, **kwargs)
