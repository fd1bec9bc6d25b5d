"""Asks Python's own tools for the text of the hidden checks: linecache, inspect, importlib and old bytecode."""
# ends: passed

import importlib.util
import inspect
import linecache
import pkgutil
import sys
import traceback

HIDDEN = ("test_hidden", "misconceptions", "alternatives", "solution")
for name in ("misconceptions", "test_hidden", "solutions", "probes"):
    try:
        if importlib.util.find_spec(name):
            print("LEAK module", name)
    except (ImportError, ValueError):
        pass
for found in pkgutil.iter_modules():
    if found.name.startswith(HIDDEN):
        print("LEAK module", found.name)
for path in linecache.cache:
    if any(word in path.rpartition("/")[2] for word in HIDDEN):
        print("LEAK source", path)
for frame, _ in traceback.walk_stack(None):
    if any(word in frame.f_code.co_filename.rpartition("/")[2] for word in HIDDEN):
        print("LEAK frame", frame.f_code.co_filename)
for module in [*sys.modules.values()]:
    path = getattr(module, "__file__", None) or ""
    if any(path.rpartition("/")[2].startswith(word) for word in HIDDEN):
        print("LEAK file", path)


def attack(honest, *args, **kwargs):
    text = inspect.getsource(sys.modules["probes"]) if "probes.py" in linecache.cache else ""
    return text or honest(*args, **kwargs)
