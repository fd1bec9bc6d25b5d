"""What students get wrong in part 6, as they would write it."""

import api_registry
from api_registry import InvalidSymbolNameError

from grader.checks import misconception


def rewritten(change):
    """Make of a change to the text of each file a function that renders."""

    def render(targets, root):
        return {path: change(text) for path, text in api_registry.render_package(targets, root).items()}

    return render


def swap(*pairs):
    def change(text):
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        return text

    return change


FOUND = "__found__[name] = __python__.getattr(found, attr) if attr else found\n    return __found__[name]"


@misconception(
    replaces="render_package",
    hint="`import root` alone, and then `root.nn.relu`: who imports root.nn?",
    fails=["package_attributes"],
)
def packages_must_be_imported(targets, root):
    return rewritten(swap(("if name not in __targets__:", "if ':' not in __targets__.get(name, ''):")))(targets, root)


@misconception(
    replaces="render_package",
    hint="`root.nn` works as an attribute; does `import root.nn` work?",
    fails=["package_imports"],
)
def one_file(targets, root):
    text = api_registry.render_package({}, root)[f"{root}/__init__.py"]
    for name in targets:
        api_registry._check_name(name)
    attributes = f"""
class __Package__:
    def __init__(self, inside):
        self.inside = inside
    def __getattr__(self, name):
        return __lookup__(self.inside + "." + name)

def __lookup__(name):
    if name in __all_targets__:
        module, attr = __all_targets__[name].split(":")
        return __python__.getattr(__importlib__.import_module(module), attr)
    if any(each.startswith(name + ".") for each in __all_targets__):
        return __Package__(name)
    raise AttributeError(name)

__all_targets__ = {dict(sorted(targets.items()))!r}
__getattr__ = __lookup__
"""
    return {f"{root}/__init__.py": text + attributes}


@misconception(
    replaces="render_package",
    hint="Which module's attribute is `nn.relu`: the target's, or one of the same name as the API's?",
    fails=["package_other_names"],
)
def name_for_attribute(targets, root):
    return api_registry.render_package(
        {name: f"{target.partition(':')[0]}:{name.rpartition('.')[2]}" for name, target in targets.items()}, root
    )


@misconception(
    replaces="render_package",
    hint="Export a name such as `getattr` or `globals`, and use two of its names. Which one do you call?",
    fails=["package_other_names"],
)
def render_shadows_builtins(targets, root):
    return rewritten(swap(("__python__.getattr", "getattr")))(targets, root)


@misconception(
    replaces="render_package",
    hint="Import the root in a new Python, and look into sys.modules: is a target there already?",
    fails=["package_lazy"],
)
def eager(targets, root):
    lines = "\nfor __name in __targets__:\n    __getattr__(__name)\n"
    return rewritten(lambda text: text + lines)(targets, root)


@misconception(
    replaces="render_package",
    hint="The first access to one name: how many targets does it import?",
    fails=["package_lazy"],
)
def all_at_first_access(targets, root):
    old = '    module, _, attr = __targets__[name].partition(":")\n'
    new = (
        "    for each in __targets__.values():\n        __importlib__.import_module(each.partition(':')[0], __name__)\n"
    )
    return rewritten(swap((old, new + old)))(targets, root)


@misconception(
    replaces="render_package",
    hint="After the first access, is the name in vars(package)? Else every access goes through __getattr__ again.",
    fails=["package_cached"],
)
def never_cached(targets, root):
    return rewritten(swap((FOUND, "return __python__.getattr(found, attr) if attr else found")))(targets, root)


@misconception(
    replaces="render_package",
    hint="What does your __getattr__ do with a name that it does not know? hasattr waits for one exception.",
    fails=["package_unknown"],
)
def key_error(targets, root):
    return rewritten(swap(("if name not in __targets__:", "if False:")))(targets, root)


@misconception(
    replaces="render_package",
    hint="What is `root.no_such_name` in yours: an error, or None?",
    fails=["package_unknown"],
)
def none_for_unknown(targets, root):
    start = "raise __python__.AttributeError("
    return rewritten(lambda text: text.replace(start, "return None\n        _ = (", 1))(targets, root)


@misconception(
    replaces="render_package",
    hint="hasattr(root, '__wrapped__') is asked by tools that look around. Does yours import anything to answer it?",
    fails=["package_unknown"],
)
def imports_before_it_knows(targets, root):
    old = "    if name not in __targets__:\n"
    new = (
        "    if name not in __targets__:\n        for each in __targets__.values():\n"
        "            __importlib__.import_module(each.partition(':')[0], __name__)\n"
    )
    return rewritten(swap((old, new)))(targets, root)


@misconception(
    replaces="render_package",
    hint="Same inputs in another order should give the same file, and __all__ in the order of the alphabet.",
    fails=["package_sorted", "package_any_order"],
)
def unsorted(targets, root):
    order = list(targets)

    def change(text):
        names = text.partition("__all__ = ")[2].partition("\n")[0]
        mixed = sorted(eval(names), key=lambda name: max((i, each) for i, each in enumerate(order) if name in each))
        return text.replace(names, repr(mixed[::-1]))

    return rewritten(change)(targets, root)


@misconception(
    replaces="render_package",
    hint="Which of your lists is written in the order in which the names came? Write the names twice, in two orders.",
    fails=["package_any_order"],
)
def comment_in_order(targets, root):
    return rewritten(lambda text: f"# {', '.join(targets)}\n{text}")(targets, root)


@misconception(
    replaces="render_package",
    hint="Are the packages that are within a package in its __all__, and in dir()?",
    fails=["package_sorted"],
)
def only_targets_in_all(targets, root):
    def change(text):
        names = text.partition("__all__ = ")[2].partition("\n")[0]
        table = eval(text.partition("__targets__ = ")[2].partition("\n")[0])
        return text.replace(f"__all__ = {names}", f"__all__ = {[name for name in table if ':' in table[name]]}")

    return rewritten(change)(targets, root)


@misconception(
    replaces="render_package",
    hint="What does dir(root) list before anything was asked for? There is a function for it, beside __getattr__.",
    fails=["package_sorted"],
)
def no_dir(targets, root):
    return rewritten(lambda text: text.partition("\n\ndef __dir__")[0])(targets, root)


def unchecked(targets, root):
    """Render without looking whether a target is a package too."""
    leaves = {name: target for name, target in targets.items() if not any(x.startswith(name + ".") for x in targets)}
    return api_registry.render_package(leaves, root)


@misconception(
    replaces="render_package",
    hint="`nn` is a target, and `nn.f` is another: what should `root.nn` be?",
    fails=["package_leaf_or_package"],
)
def package_wins(targets, root):
    return unchecked(targets, root)


@misconception(
    replaces="render_package",
    hint="Can every name in the table be written in a program? The rule of part 2 holds here, too.",
    fails=["package_leaf_or_package"],
)
def any_name_rendered(targets, root):
    valid = {}
    for name, target in targets.items():
        try:
            api_registry._check_name(name)
            valid[name] = target
        except InvalidSymbolNameError:
            pass
    return api_registry.render_package(valid, root)


@misconception(
    replaces="render_package",
    hint="Twice as many names: how much longer is the text? Does each package need the whole table?",
    fails=["package_size"],
)
def whole_table_in_every_file(targets, root):
    table = f"\n__everything__ = {dict(sorted(targets.items()))!r}\n"
    return rewritten(lambda text: text + table)(targets, root)
