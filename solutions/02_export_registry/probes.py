"""Drives a student's api_registry module and returns plain data. Students' code can read this: it holds no answers."""

import builtins
import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

STAMPS = {2: "_{}_api_names", 1: "_{}_api_names_v1"}


ALREADY, REFUSED = "SymbolAlreadyExposedError", "InvalidSymbolNameError"  # a class of this name will do


def _told(thing, *errors):
    """Call something, and say which of these errors it raised, or that it did not."""
    try:
        thing()
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        for name in errors:
            if name in kinds:
                return name
        raise
    return "no error"


def _stamped(thing, api_name="tensorflow"):
    """The stamps of one API in a thing's own __dict__, for each version."""
    return [vars(thing).get(key.format(api_name)) for key in STAMPS.values()]


def _stamp(thing, names, v1=(), api_name="tensorflow"):
    """Stamp names as an export does."""
    setattr(thing, STAMPS[2].format(api_name), tuple(names))
    setattr(thing, STAMPS[1].format(api_name), tuple(v1))
    return thing


def _function():
    """A new function, which holds something of its own."""
    offset = 0

    def symbol(x):
        return x + offset

    return symbol


def _class(*bases):
    return type("Symbol", bases, {})


# ---- part 1: partial -------------------------------------------------------------------------------------------


def _heard(*args, **keywords):
    return args, keywords


def _described(partial):
    return partial.func is _heard, partial.args, partial.keywords


def partial_calls(student, stored, given):
    """What the function hears when a Partial is called."""
    (args, keywords), (more, others) = stored, given
    return student.Partial(_heard, *args, **keywords)(*more, **others)


def partial_attributes(student, args, keywords):
    """The attributes of a Partial: whether func is the function, args, keywords."""
    partial = student.Partial(_heard, *args, **keywords)
    return [*_described(partial), isinstance(partial.args, tuple), isinstance(partial.keywords, dict)]


def partial_nested(student, layers):
    """The attributes of a Partial of a Partial, and so on."""
    partial = _heard
    for args, keywords in layers:
        partial = student.Partial(partial, *args, **keywords)
    return _described(partial)


def partial_called_again(student, stored, given):
    """What the function hears in the second call, which brings nothing, and the attributes afterwards."""
    partial = student.Partial(_heard, *stored[0], **stored[1])
    partial(*given[0], **given[1])
    return partial(), _described(partial)


def partial_inside_another(student, stored, given):
    """The attributes of a Partial, after another one was made of it."""
    partial = student.Partial(_heard, *stored[0], **stored[1])
    student.Partial(partial, *given[0], **given[1])
    return _described(partial)


def partial_of_a_number(student, number):
    """Make a Partial of something that cannot be called."""
    return type(student.Partial(number)).__name__


def partial_by_hand(student, x):
    """Whether a Partial is, or holds, one of functools."""
    partial = student.Partial(_heard, x)
    held = [partial, *vars(partial).values()]
    return any(isinstance(each, functools.partial | functools.partialmethod) for each in held)


# ---- part 2: export --------------------------------------------------------------------------------------------


def _export(student, symbol, names, **options):
    """Export with names for both versions, so that only what is asked about v1 depends on what it is by default."""
    return student.ApiExport(*names, **{"v1": list(names), **options})(symbol)


def stamps(student, names, apis=("tensorflow",), **options):
    """The stamps that a function, and a class, has after an export in each of these APIs."""
    told = []
    for symbol in (_function(), _class()):
        for api in apis:
            _export(student, symbol, names[api], api_name=api, **options)
        told.append([_stamped(symbol, api) for api in apis])
    return told


def decorated(student, names, x):
    """Whether a function and a class are the same objects after the export, and what the function then answers."""
    function, cls = _function(), _class()
    kept = _export(student, function, names)
    return kept is function, _export(student, cls, names) is cls, kept(x)


def exported_twice(student, first, second, **options):
    """Whether a second export in the same API raises, and the stamps after it."""
    symbol = _function()
    _export(student, symbol, first)
    again = functools.partial(_export, student, symbol, second, **options)
    return _told(again, ALREADY), _stamped(symbol)


def subclass_exported(student, names, others):
    """Whether exporting the subclass of an exported class raises, and the stamps of both."""
    parent = _class()
    _export(student, parent, names)
    child = _class(parent)
    before = _stamped(child)
    again = functools.partial(_export, student, child, others)
    return before, _told(again, ALREADY), _stamped(parent), _stamped(child)


def allowed(student, api_name, names):
    """For each of these names, whether this API may export it: what making the decorator raises."""
    return [_told(lambda name=name: student.ApiExport(name, api_name=api_name), REFUSED) for name in names]


def allowed_in_v1(student, names, v1):
    """What is raised for names of the first version."""
    return _told(lambda: student.ApiExport(*names, v1=v1), REFUSED)


def nameless(student, v1):
    """What is raised where no name is given."""
    return _told(lambda: student.ApiExport(v1=v1), REFUSED)


def without_a_place(student, names):
    """What is raised for symbols on which nothing can be stamped."""
    return [_told(lambda it=it: _export(student, it, names), "TypeError") for it in (len, int, object(), 3.0)]


def stamps_after_a_failure(student, names, wrong, overridden):
    """The stamps of a function, and of one that should be overridden, after exports that raised."""
    symbol, other = _stamp(_function(), names, names), _stamp(_function(), overridden, overridden)
    new = _function()
    errors = (ALREADY, REFUSED, "TypeError")
    told = [
        _told(lambda: _export(student, symbol, [wrong], overrides=[other]), *errors),
        _told(lambda: _export(student, new, [wrong, "a..b"], overrides=[other]), *errors),
        _told(lambda: _export(student, len, [wrong], overrides=[other]), *errors),
    ]
    return told, _stamped(symbol), _stamped(new), _stamped(other)


def overridden(student, names, taken):
    """The stamps of a function, and of what it overrides: one with names, in two APIs, and one without."""
    symbol, bare = _function(), _function()
    others = [_stamp(_function(), taken, taken) for _ in range(2)]
    _stamp(others[0], [f"keras.{name}" for name in taken], api_name="keras")
    _export(student, symbol, names, overrides=[*others, bare])
    return [[_stamped(each), _stamped(each, "keras")] for each in (symbol, *others, bare)]


def _module(name, **attributes):
    module = ModuleType(name)
    vars(module).update(attributes)
    return module


def constants(student, exports, api_name="tensorflow"):
    """What a module records of constants, each exported while it had an early value."""
    module = sys.modules["settings_"] = _module("settings_", **{attr: i for i, (*_, attr) in enumerate(exports)})
    for names, v1, attr in exports:
        student.ApiExport(*names, v1=v1, api_name=api_name).export_constant("settings_", attr)
        setattr(module, attr, "late")
    return [list(vars(module).get(f"_{api_name}_api_constants{suffix}", ())) for suffix in ("", "_v1")]


def constant_of_nowhere(student, name, module):
    """Export a constant of a module that was not imported."""
    return student.ApiExport(name).export_constant(module, name)


# ---- part 3: names ---------------------------------------------------------------------------------------------


def names(student, v2, v1, api_name="tensorflow", **asked):
    """The names of a stamped function and class."""
    return [student.get_names(_stamp(symbol, v2, v1, api_name), **asked) for symbol in (_function(), _class())]


def names_in(student, names, stamped, asked):
    """The names in one API of a function that was stamped in another, or in the same."""
    return student.get_names(_stamp(_function(), names, names, stamped), asked)


def nameless_symbols(student):
    """The names, and the canonical name, of what has none."""
    symbols = (_function(), _class(), len, 3, None, "nn.relu")
    return [(student.get_names(each), student.get_canonical_name(each)) for each in symbols]


def inherited_names(student, names):
    """The names, and the canonical name, of a subclass and an instance of a stamped class."""
    parent = _stamp(_class(), names, names)
    return [(student.get_names(each), student.get_canonical_name(each)) for each in (_class(parent), parent())]


def canonical(student, v2, v1=(), deprecated=(), api_name="tensorflow", **prefix):
    """The canonical name of a stamped function, some of whose names are deprecated."""
    symbol = _stamp(_function(), v2, v1, api_name)
    if deprecated:
        symbol._deprecated_api_names = tuple(deprecated)
    return student.get_canonical_name(symbol, api_name, **prefix)


def deprecated(student, first, second):
    """Whether `deprecate` returns its symbol, and which names are deprecated after one call and after two."""
    symbol = _function()
    returned = student.deprecate(symbol, *first) is symbol
    once = list(vars(symbol).get("_deprecated_api_names", ()))
    student.deprecate(symbol, *second)
    return returned, once, list(vars(symbol).get("_deprecated_api_names", ()))


def deprecated_subclass(student, first, second):
    """Which names of a class, and of its subclass, are deprecated in their own right."""
    parent = _class()
    student.deprecate(parent, *first)
    child = _class(parent)
    student.deprecate(child, *second)
    return [list(vars(each).get("_deprecated_api_names", ())) for each in (parent, child)]


def names_of_version(student, version):
    """Ask for the names of a version."""
    return student.get_names(_function(), version=version)


# ---- part 4: collect -------------------------------------------------------------------------------------------


class Equal:
    """Equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


def _modules(described):
    """Make modules of {module: {attr: {"names": ..., "v1": ..., "as": a label}}}; one label is one object."""
    modules, objects = [], {}
    for name, attributes in described.items():
        module = _module(name)
        for attr, about in attributes.items():
            label = about.get("as", f"{name}.{attr}")
            if label not in objects:
                objects[label] = _stamp(Equal(), about["names"], about.get("v1", ()), about.get("api", "tensorflow"))
            setattr(module, attr, objects[label])
        modules.append(module)
    return modules, objects


def _labelled(found, objects):
    """Say of each object that was found which it is, in the order in which they were found."""
    return [[name, next((label for label, it in objects.items() if it is value), "?")] for name, value in found.items()]


def collected(student, described, **options):
    """What was collected: each name with the place of its object."""
    modules, objects = _modules(described)
    return sorted(_labelled(student.collect_api(modules, **options), objects))


def names_in_order(student, described, reverse):
    """The names that were collected, in the order of the table."""
    modules, _ = _modules(described)
    return list(student.collect_api(modules[::-1] if reverse else modules))


def conflicting(student, described, **options):
    """Whether collecting raises SymbolAlreadyExposedError, and what was collected if it does not."""
    modules, objects = _modules(described)
    found = {}
    told = _told(lambda: found.update(student.collect_api(modules, **options)), ALREADY)
    return told, sorted(_labelled(found, objects))


def collected_constants(student, records, early, late, version=2, api_name="tensorflow"):
    """The constants that were collected from two modules, of which one changed after its names were recorded."""
    suffix = "" if version == 2 else "_v1"
    recorded = {f"_{api_name}_api_constants{suffix}": [(tuple(names), attr) for names, attr in records]}
    first, second = _module("first", **early, **recorded), _module("second", **early)
    vars(first).update(late)
    return dict(student.collect_api([first, second], version=version, api_name=api_name))


def collected_relatives(student, names):
    """Which attributes were collected where a module has a stamped class, its subclass and an instance of it."""
    parent = _stamp(_class(), names, names)
    module = _module("relatives", Child=_class(parent), Parent=parent, instance=parent())
    return sorted([name, value is parent] for name, value in student.collect_api([module]).items())


class Touchy:
    """Like an array, and worse: it cannot be compared, has no truth, and raises for every attribute."""

    __slots__ = ()

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __eq__(self, other):
        raise ValueError("compare element by element")

    def __bool__(self):
        raise ValueError("the truth of many is ambiguous")

    __hash__ = None


def collected_beside(student, names):
    """What was collected beside an object that lets nobody compare it or ask it for anything."""
    symbol = _stamp(_function(), names, names)
    module = _module("touchy", a=Touchy(), symbol=symbol, z=Touchy(), table={}, nothing=None)
    return sorted([name, value is symbol] for name, value in student.collect_api([module]).items())


def touches(student, sizes):
    """How often attributes of a module were asked for, and how many names were collected, for each size."""
    counts = []
    for size in sizes:
        asked = []

        class Counting(ModuleType):
            def __getattribute__(self, name, asked=asked):
                asked.append(name)
                return super().__getattribute__(name)

        module = Counting("counting")
        vars(module).update({f"f{i}": _stamp(_function(), [f"f{i}"]) for i in range(size)})
        asked.clear()
        counts.append([len(student.collect_api([module])), len(asked)])
    return counts


# ---- part 5: unwrap --------------------------------------------------------------------------------------------


def _wrapped(target, stamps_too=False):
    """A wrapper as functools.wraps makes it; its copy of the target's stamps is left out, if not wanted."""

    def wrapper(*args):
        return target(*args)

    return functools.update_wrapper(wrapper, target, updated=("__dict__",) if stamps_too else ())


def _chain(kinds):
    """A function, and wrappers of these kinds around it, innermost first."""
    made = [_function()]
    for kind in kinds:
        made.append({"wraps": _wrapped, "staticmethod": staticmethod, "classmethod": classmethod}[kind](made[-1]))
    return made


def innermost(student, kinds):
    """Which is innermost, by its distance from the function."""
    made = _chain(kinds)
    _, target = student.unwrap(made[-1])
    return [each is target for each in made]


def unwrapped(student, kinds):
    """Which wrappers were found, by their distance from the function, and which is innermost."""
    made = _chain(kinds)
    wrappers, target = student.unwrap(made[-1])
    return [next((i for i, it in enumerate(made) if it is each), -1) for each in [*wrappers, target]]


def unwrapped_relatives(student, x):
    """Whether the subclass of a class that wraps another one is a wrapper too, and the class itself."""
    target = _class()
    wrapper = functools.update_wrapper(_class(), target, updated=())
    child = _class(wrapper)
    (_, inner), (wrappers, same) = student.unwrap(wrapper), student.unwrap(child)
    return inner is target, len(wrappers), same is child, x


def unwrap_in_a_circle(student, length):
    """Unwrap a function whose wrappers go round."""
    made = _chain(["wraps"] * length)
    made[0].__wrapped__ = made[-1]
    return len(student.unwrap(made[-1])[0])


def made_decorator(student, names, doc):
    """What a wrapper has of its target: the very wrapper, __wrapped__, metadata, stamps, and how it works."""
    target, wrapper = _stamp(_function(), names), lambda x: ("wrapper", x)
    target.__doc__, target.__name__ = doc, names[0]
    made = student.make_decorator(target, wrapper)
    about = [getattr(made, key) for key in ("__name__", "__qualname__", "__module__", "__doc__")]
    return made is wrapper, made.__wrapped__ is target, about, _stamped(made), made(doc), _stamped(target)


def stamps_through_wrappers(student, names, kinds):
    """The stamps of a function and of each wrapper around it, after the outermost was exported."""
    made = _chain(kinds)
    kept = _export(student, made[-1], names) is made[-1]
    return kept, [_stamped(each) for each in made]


def exported_at_both_ends(student, names, others):
    """Whether an export raises where the other end of a chain of wrappers was exported before."""
    told = []
    for first, second in ((0, -1), (-1, 0)):
        made = _chain(["wraps"])
        _export(student, made[first], names)
        again = functools.partial(_export, student, made[second], others)
        told.append([_told(again, ALREADY), [_stamped(each) for each in made]])
    return told


def names_through_wrappers(student, old, new, deprecated):
    """The names that are told of a function and its wrappers, of which one was made when it had other names."""
    target = _stamp(_function(), old, old)
    stale = _wrapped(target, stamps_too=True)
    _stamp(target, new, new)
    student.deprecate(stale, *deprecated)
    asked = (target, stale, _wrapped(target))
    return [(student.get_names(each), student.get_canonical_name(each)) for each in asked]


# ---- part 6: package -------------------------------------------------------------------------------------------

TARGET = """\
from pathlib import Path
with Path({log!r}).open("a") as log:
    log.write({name!r} + " ")
"""
DRIVER = """\
import importlib, json, sys
folder, root, targets = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
sys.path.insert(0, folder)
sys.dont_write_bytecode = True

def there():
    return sorted(name for name in targets if name in sys.modules)

def lookup(name):
    found = importlib.import_module(root)
    for part in name.split("."):
        found = getattr(found, part)
    return found
"""


def rendered(student, targets, root):
    """The sources of a package: path and text."""
    return dict(student.render_package(targets, root))


def _asked(student, targets, root, question):
    """Write a package and its targets to disk, and ask a new Python about it: what it prints, and what was imported."""
    files = rendered(student, targets, root)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "imported")
        log.touch()
        modules = {}
        for target in targets.values():
            module, _, attr = target.partition(":")
            modules.setdefault(module, TARGET.format(log=str(log), name=module))
            modules[module] += f"def {attr}(): return {target!r}\n"
        for path, text in [*files.items(), *((f"{name}.py", text) for name, text in modules.items())]:
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text, encoding="utf-8")
        given = [folder, root, json.dumps([*modules])]
        command = [sys.executable, "-I", "-S", "-c", DRIVER + question, *given]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=folder)
        if done.returncode:
            kind, _, message = done.stderr.strip().splitlines()[-1].partition(": ")
            raise getattr(builtins, kind, ImportError)(message)
        return [json.loads(done.stdout.splitlines()[-1]), log.read_text().split()]


def package_imports(student, targets, root):
    """What each name means, by `import package as P` and then P.name, in a new Python."""
    return _asked(
        student,
        targets,
        root,
        f"""
told = {{}}
for name in {sorted(targets)!r}:
    package, _, last = f"{{root}}.{{name}}".rpartition(".")
    scope = {{}}
    exec(f"import {{package}} as P", scope)
    told[name] = getattr(scope["P"], last)()
print(json.dumps(told))
""",
    )[0]


def package_attributes(student, targets, root):
    """What each name means, by attributes from the root on, in a new Python."""
    question = f"print(json.dumps([lookup(name)() for name in {sorted(targets)!r}]))"
    return _asked(student, targets, root, question)[0]


def package_laziness(student, targets, root, package_name):
    """Which targets are imported by importing the root, and then by a first access."""
    return _asked(
        student,
        targets,
        root,
        f"""
told = []
importlib.import_module(root)
told.append(there())
lookup({package_name!r})
told.append(there())
print(json.dumps(told))
""",
    )[0]


def package_cache(student, targets, root, package_name):
    """Whether the second access finds the same, by itself; how often the target was imported."""
    package, _, last = f"{root}.{package_name}".rpartition(".")
    return _asked(
        student,
        targets,
        root,
        f"""
package = importlib.import_module({package!r})
before = {last!r} in vars(package)
first = lookup({package_name!r})
cached = vars(package).get({last!r}) is first
print(json.dumps([before, cached, lookup({package_name!r}) is first]))
""",
    )


def package_unknown(student, targets, root, names):
    """What asking for a name that is not there raises, and what it imports."""
    return _asked(
        student,
        targets,
        root,
        f"""
told = []
for name in {names!r}:
    try:
        told.append(repr(lookup(name)))
    except Exception as error:
        told.append(type(error).__name__)
package = importlib.import_module(root)
print(json.dumps([told, hasattr(package, "__wrapped__"), hasattr(package, "no_such_name"), there()]))
""",
    )[0]


def package_lists(student, targets, root):
    """__all__ and dir() of each package."""
    packages = sorted({f"{root}.{each}".rpartition(".")[0] for each in targets})
    return _asked(
        student,
        targets,
        root,
        f"""
told = []
for package in map(importlib.import_module, {packages!r}):
    told.append([list(package.__all__), [name for name in dir(package) if not name.startswith("_")]])
print(json.dumps([told, there()]))
""",
    )[0]


def package_star(student, targets, root):
    """What `from package import *` brings, and what it means."""
    return _asked(
        student,
        targets,
        root,
        """
scope = {}
exec(f"from {root} import *", scope)
print(json.dumps([[name, value()] for name, value in sorted(scope.items()) if callable(value)]))
""",
    )[0]


def package_in_any_order(student, targets, root, orders):
    """Whether the texts are the same in every order of the names."""
    texts = [rendered(student, {name: targets[name] for name in order}, root) for order in orders]
    return len(texts[0]), [list(text.items()) == list(texts[0].items()) for text in texts]


def package_sizes(student, cases, root):
    """How many files there are, and how many bytes in all, for each case."""
    texts = [rendered(student, targets, root) for targets in cases]
    return [[len(files), sum(len(text.encode()) for text in files.values())] for files in texts]
