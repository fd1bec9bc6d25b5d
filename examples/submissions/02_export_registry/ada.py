"""Ada. I did not use helpers from the book, only loops."""

import functools
import keyword
import sys


class Partial:

    def __new__(cls, func, /, *args, **keywords):
        if not callable(func):
            raise TypeError("not callable")
        self = super().__new__(cls)
        if isinstance(func, Partial):
            merged = dict(func.keywords)
            merged.update(keywords)
            self.func, self.args, self.keywords = func.func, (*func.args, *args), merged
        else:
            self.func, self.args, self.keywords = func, args, keywords
        return self

    def __call__(*args, **keywords):
        self, *more = args
        merged = dict(self.keywords)
        for name in keywords:
            merged[name] = keywords[name]
        return self.func(*self.args, *more, **merged)


class SymbolAlreadyExposedError(Exception):
    pass


class InvalidSymbolNameError(ValueError):
    pass


def dict_of(thing):
    try:
        return thing.__dict__
    except BaseException:
        return {}


def good(name):
    bad = 0
    for part in name.split("."):
        if keyword.iskeyword(part) or not part.isidentifier():
            bad += 1
    return bad == 0


def own_place(name, api_name):
    head = name.split(".")[0]
    if api_name == "tensorflow":
        return head != "keras" and head != "estimator"
    return head == api_name


class ApiExport:

    def __init__(self, *names, api_name="tensorflow", v1=None, allow_multiple_exports=False, overrides=()):
        if v1 is None:
            v1 = names
        v1 = tuple(v1)
        if len(names) == 0 and len(v1) == 0:
            raise InvalidSymbolNameError("no name")
        for name in list(names) + list(v1):
            if not good(name) or not own_place(name, api_name):
                raise InvalidSymbolNameError(name)
        self.api = api_name
        self.v2, self.v1 = names, v1
        self.again = allow_multiple_exports
        self.overrides = list(overrides)

    def attributes(self):
        return "_" + self.api + "_api_names", "_" + self.api + "_api_names_v1"

    def __call__(self, symbol):
        _, target = unwrap(symbol)
        key, key_v1 = self.attributes()
        has = dict_of(target)
        if (key in has or key_v1 in has) and not self.again:
            raise SymbolAlreadyExposedError(f"{target} has the names {has.get(key)}")
        try:
            setattr(target, key, self.v2)
            setattr(target, key_v1, self.v1)
        except Exception:
            raise TypeError("nothing can be stamped on this; use export_constant") from None
        for other in self.overrides:
            _, other = unwrap(other)
            for each in (key, key_v1):
                if each in dict_of(other):
                    delattr(other, each)
        return symbol

    def export_constant(self, module_name, attr):
        module = sys.modules[module_name]
        for suffix, names in (("", self.v2), ("_v1", self.v1)):
            key = f"_{self.api}_api_constants{suffix}"
            if not hasattr(module, key):
                setattr(module, key, [])
            getattr(module, key).append((names, attr))


tf_export = functools.partial(ApiExport, api_name="tensorflow")
keras_export = functools.partial(ApiExport, api_name="keras")


def get_names(symbol, api_name="tensorflow", version=2):
    if version == 2:
        key = f"_{api_name}_api_names"
    elif version == 1:
        key = f"_{api_name}_api_names_v1"
    else:
        raise ValueError(version)
    _, target = unwrap(symbol)
    has = dict_of(target)
    return has.get(key, ())


def get_canonical_name(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    _, target = unwrap(symbol)
    deprecated = dict_of(target).get("_deprecated_api_names", ())
    v2 = get_names(symbol, api_name)
    for name in v2:
        if name not in deprecated:
            return name
    if v2:
        return v2[0]
    v1 = get_names(symbol, api_name, 1)
    prefix = "compat.v1." if add_prefix_to_v1_names else ""
    for name in v1:
        if name not in deprecated:
            return prefix + name
    return prefix + v1[0] if v1 else None


def deprecate(symbol, *names):
    _, target = unwrap(symbol)
    old = dict_of(target).get("_deprecated_api_names", ())
    target._deprecated_api_names = (*old, *names)
    return symbol


def collect_api(modules, api_name="tensorflow", version=2):
    owner = {}
    place = {}

    def claim(name, value, where):
        if name in owner and owner[name] is not value:
            raise SymbolAlreadyExposedError(f"{name}: {place[name]} and {where}")
        owner[name] = value
        place[name] = where

    for module in modules:
        for attr in list(module.__dict__):
            value = module.__dict__[attr]
            for name in get_names(value, api_name, version):
                claim(name, value, f"{module.__name__}.{attr}")
        key = f"_{api_name}_api_constants" + ("_v1" if version == 1 else "")
        for names, attr in module.__dict__.get(key, ()):
            for name in names:
                claim(name, getattr(module, attr), f"{module.__name__}.{attr}")
    result = {}
    for name in sorted(owner):
        result[name] = owner[name]
    return result


def unwrap(symbol):
    chain = [symbol]
    while True:
        last = chain[-1]
        if isinstance(last, (staticmethod, classmethod)):
            inner = last.__func__
        elif "__wrapped__" in dict_of(last):
            inner = dict_of(last)["__wrapped__"]
        else:
            return chain[:-1], last
        if id(inner) in [id(each) for each in chain]:
            raise ValueError("a circle")
        chain.append(inner)


def make_decorator(target, wrapper):
    for key in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        if hasattr(target, key):
            setattr(wrapper, key, getattr(target, key))
    wrapper.__wrapped__ = target
    return wrapper


def render_package(targets, root):
    files = {(): {}}
    for name in sorted(targets):
        if not good(name):
            raise InvalidSymbolNameError(name)
        parts = tuple(name.split("."))
        for end in range(len(parts)):
            files.setdefault(parts[:end], {})
    for name in sorted(targets):
        parts = tuple(name.split("."))
        if parts in files:
            raise InvalidSymbolNameError(name)
        files[parts[:-1]][parts[-1]] = targets[name]
    texts = {}
    for package in sorted(files):
        inside = sorted(p[-1] for p in files if p and p[:-1] == package)
        lines = ["import builtins as _b", "import importlib as _i", ""]
        lines += ["_targets = {"] + [f"    {k!r}: {v!r}," for k, v in files[package].items()] + ["}"]
        lines += [f"_packages = {inside!r}", "__all__ = _b.sorted([*_targets, *_packages])", "_g = _b.globals()", ""]
        lines += [
            "def __getattr__(name):",
            "    if name in _packages:",
            "        return _i.import_module(__name__ + '.' + name)",
            "    if name in _targets:",
            "        module, attr = _targets[name].split(':')",
            "        _g[name] = _b.getattr(_i.import_module(module), attr)",
            "        return _g[name]",
            "    raise _b.AttributeError('module ' + __name__ + ' has no attribute ' + name)",
            "",
            "def __dir__():",
            "    return __all__",
        ]
        texts["/".join((root, *package, "__init__.py"))] = "\n".join(lines) + "\n"
    return texts
