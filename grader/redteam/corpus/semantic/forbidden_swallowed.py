"""Catches whatever the call of something forbidden raises, and goes on as if nothing had been."""
# ends: passed|forbidden

import functools
import importlib


def found(name):
    """What a dotted name means."""
    module, _, rest = name.partition(".")
    return functools.reduce(lambda at, part: getattr(at, part, None), rest.split("."), importlib.import_module(module))


def attack(honest, *args, **kwargs):
    for name in FORBIDDEN:
        try:
            found(name)(*args, **kwargs)
        except BaseException:
            pass
    return honest(*args, **kwargs)
