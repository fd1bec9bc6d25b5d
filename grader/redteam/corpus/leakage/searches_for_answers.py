"""Looks through every object and frame of its process for a function of the same name: the reference."""
# ends: failed

import gc
import sys
import types


def attack(honest, *args, **kwargs):
    own = {function.__code__ for function in globals().values() if isinstance(function, types.FunctionType)}
    own.add(honest.__code__)
    frame = sys._getframe()
    seen = gc.get_objects()
    while frame is not None:
        seen += frame.f_locals.values()
        frame = frame.f_back
    names = {name.split(".")[-1] for name in ASSIGNED}
    found = [o for o in seen if isinstance(o, types.FunctionType) and o.__name__ in names and o.__code__ not in own]
    return found[0](*args, **kwargs) if found else args[0]
