"""What students get wrong in part 4, as they would write it."""

from api_registry import SymbolAlreadyExposedError, get_names

from grader.checks import misconception


def own_names(value, api_name, version):
    return get_names(value, api_name, version)


def recorded(module, api_name, version):
    return vars(module).get(f"_{api_name}_api_constants" + ("" if version == 2 else "_v1"), [])


def claims(modules, api_name, version, *, names_of=own_names):
    """Yield each name with what claims it."""
    for module in modules:
        for value in list(vars(module).values()):
            for name in names_of(value, api_name, version):
                yield name, value
        for names, attr in recorded(module, api_name, version):
            for name in names:
                yield name, getattr(module, attr)


def gathered(pairs, same=lambda one, other: one is other):
    """Put the claims in a table; two different things under one name raise."""
    found = {}
    for name, value in pairs:
        if name in found and not same(found[name], value):
            raise SymbolAlreadyExposedError(name)
        found[name] = value
    return dict(sorted(found.items()))


@misconception(
    replaces="collect_api",
    hint="A symbol has several names. Under how many of them do you find it?",
    fails=["collect_names"],
)
def first_name_only(modules, api_name="tensorflow", version=2):
    return gathered(
        claims(modules, api_name, version, names_of=lambda value, *where: own_names(value, *where)[:1]),
    )


@misconception(
    replaces="collect_api",
    hint="Is a name of another API in your table? Look at which stamps you read.",
    fails=["collect_names"],
)
def all_apis(modules, api_name="tensorflow", version=2):
    def names_of(value, api_name, version):
        return (*own_names(value, "tensorflow", version), *own_names(value, "keras", version))

    return gathered(claims(modules, api_name, version, names_of=names_of))


@misconception(
    replaces="collect_api",
    hint="Are the symbols of every module in your table, or those of the last one?",
    fails=["collect_names"],
)
def last_module_only(modules, api_name="tensorflow", version=2):
    return gathered(claims([*modules][-1:], api_name, version))


@misconception(
    replaces="collect_api",
    hint="Collect version 1, where a symbol has other names.",
    fails=["collect_v1"],
)
def always_version_2(modules, api_name="tensorflow", version=2):
    def with_constants():
        for module in modules:
            for value in list(vars(module).values()):
                for name in own_names(value, api_name, 2):
                    yield name, value
            for names, attr in recorded(module, api_name, version):
                for name in names:
                    yield name, getattr(module, attr)

    return gathered(with_constants())


@misconception(
    replaces="collect_api",
    hint="Constants cannot carry a stamp. Where are their names recorded, and does your table have them?",
    fails=["const_late"],
)
def without_constants(modules, api_name="tensorflow", version=2):
    return gathered(
        (name, value)
        for module in modules
        for value in list(vars(module).values())
        for name in own_names(value, api_name, version)
    )


@misconception(
    replaces="collect_api",
    hint="A constant was recorded with several names. Does each of them lead to it?",
    fails=["const_late"],
)
def constants_by_first_name(modules, api_name="tensorflow", version=2):
    pairs = []
    for module in modules:
        for value in list(vars(module).values()):
            pairs += [(name, value) for name in own_names(value, api_name, version)]
        pairs += [(names[0], getattr(module, attr)) for names, attr in recorded(module, api_name, version) if names]
    return gathered(pairs)


@misconception(
    replaces="collect_api",
    hint="What is in your table for a constant: its value, or the name of its attribute?",
    fails=["const_late"],
)
def constants_by_attribute(modules, api_name="tensorflow", version=2):
    pairs = []
    for module in modules:
        for value in list(vars(module).values()):
            pairs += [(name, value) for name in own_names(value, api_name, version)]
        pairs += [(name, attr) for names, attr in recorded(module, api_name, version) for name in names]
    return gathered(pairs, same=lambda one, other: one == other)


@misconception(
    replaces="collect_api",
    hint="Two different objects may claim to be equal. Which question asks whether they are one?",
    fails=["conflict"],
)
def conflict_by_equality(modules, api_name="tensorflow", version=2):
    found = {}
    for name, value in claims(modules, api_name, version):
        if name in found and found[name] != value:
            raise SymbolAlreadyExposedError(name)
        found.setdefault(name, value)
    return dict(sorted(found.items()))


@misconception(
    replaces="collect_api",
    hint="Two functions asked for one public name. Who should find out?",
    fails=["conflict"],
)
def silent_overwrite(modules, api_name="tensorflow", version=2):
    return dict(sorted(dict(claims(modules, api_name, version)).items()))


@misconception(
    replaces="collect_api",
    hint="Two symbols of one module ask for one name. Do you compare within a module, too?",
    fails=["conflict"],
)
def conflict_between_modules_only(modules, api_name="tensorflow", version=2):
    found = {}
    for module in modules:
        inside = dict(claims([module], api_name, version))
        for name, value in inside.items():
            if name in found and found[name] is not value:
                raise SymbolAlreadyExposedError(name)
        found |= inside
    return dict(sorted(found.items()))


@misconception(
    replaces="collect_api",
    hint="`from .impl import f`: the same f is in two modules. Is that a conflict?",
    fails=["same_object"],
)
def every_repetition_raises(modules, api_name="tensorflow", version=2):
    return gathered(claims(modules, api_name, version), same=lambda one, other: isinstance(one, float))


@misconception(
    replaces="collect_api",
    hint="Give the modules in another order, and print the keys of both tables.",
    fails=["collect_order"],
)
def in_order_of_appearance(modules, api_name="tensorflow", version=2):
    found = {}
    for name, value in claims(modules, api_name, version):
        if found.setdefault(name, value) is not value:
            raise SymbolAlreadyExposedError(name)
    return found


@misconception(
    replaces="collect_api",
    hint="A module has an exported class, and an instance of it. Which of the two has the name?",
    fails=["collect_relatives"],
)
def collects_by_getattr(modules, api_name="tensorflow", version=2):
    def names_of(value, api_name, version):
        try:
            return getattr(value, f"_{api_name}_api_names" + ("" if version == 2 else "_v1"), ())
        except RuntimeError:
            return ()

    return gathered(claims(modules, api_name, version, names_of=names_of))


@misconception(
    replaces="collect_api",
    hint="An attribute of a module may be an array: it has no truth, and cannot be compared. Do you ask it anything?",
    fails=["collect_beside"],
)
def asks_for_truth(modules, api_name="tensorflow", version=2):
    def names_of(value, api_name, version):
        return own_names(value, api_name, version) if value else ()

    return gathered(claims(modules, api_name, version, names_of=names_of))


@misconception(
    replaces="collect_api",
    hint="Count how often you go through the attributes of a module: once, or once for every name?",
    fails=["collect_cost"],
)
def looks_again_for_every_name(modules, api_name="tensorflow", version=2):
    modules = list(modules)
    names = sorted({name for name, _ in claims(modules, api_name, version)})
    found = {}
    for wanted in names:
        for module in modules:
            for attr in list(vars(module)):
                value = getattr(module, attr)
                mine = wanted in own_names(value, api_name, version)
                if mine and found.setdefault(wanted, value) is not value:
                    raise SymbolAlreadyExposedError(wanted)
            for given, attr in recorded(module, api_name, version):
                if wanted in given:
                    found[wanted] = getattr(module, attr)
    return found
