"""What students get wrong in part 3, as they would write it."""

from grader.checks import misconception

V2, V1 = "_{}_api_names", "_{}_api_names_v1"


def own(symbol):
    """Return what a symbol has of its own, through its wrappers."""
    while isinstance(symbol, (staticmethod, classmethod)) or "__wrapped__" in getattr(symbol, "__dict__", {}):
        symbol = symbol.__wrapped__
    return getattr(symbol, "__dict__", {})


def names_of(symbol, api_name="tensorflow", version=2):
    return own(symbol).get((V2 if version == 2 else V1).format(api_name), ())


def deprecated_of(symbol):
    return own(symbol).get("_deprecated_api_names", ())


@misconception(
    replaces="get_names",
    hint="In which order do you return the names? They were stamped with the canonical one in front.",
    fails=["names_stamped"],
)
def names_reversed(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return names_of(symbol, api_name, version)[::-1]


@misconception(
    replaces="get_names",
    hint="Export class A, and ask for the names of its subclass, or of an instance.",
    fails=["inherit_names"],
)
def getattr_inherits(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return getattr(symbol, (V2 if version == 2 else V1).format(api_name), ())


@misconception(
    replaces="get_names",
    hint="Ask for the names of version 1 of a symbol that has others there.",
    fails=["names_of_versions"],
)
def one_version(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return names_of(symbol, api_name)


@misconception(
    replaces="get_names",
    hint="A symbol is exported in one API. Which names has it in another?",
    fails=["names_of_apis"],
)
def one_api(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return names_of(symbol, "tensorflow", version)


@misconception(
    replaces="get_names",
    hint="A symbol has names in one version only. What is told of the other?",
    fails=["names_of_versions"],
)
def falls_back_to_the_other(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return names_of(symbol, api_name, version) or names_of(symbol, api_name, 3 - version)


@misconception(
    replaces="get_names",
    hint="What has a symbol that was never exported, or that has no __dict__? The answer is a tuple all the same.",
    fails=["nameless_symbols"],
)
def raises_without_names(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return own(symbol)[(V2 if version == 2 else V1).format(api_name)]


@misconception(
    replaces="get_names",
    hint="There are two versions. What should version=3 answer?",
    fails=["versions"],
)
def any_version(symbol, api_name="tensorflow", version=2):
    return names_of(symbol, api_name, version)


def canonical(choose, *, versions=(2, 1), prefixed=(1,), of=names_of, without=deprecated_of):
    """Make of a way to choose among names a function that looks for the canonical one."""

    def found(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
        for version in versions:
            names = of(symbol, api_name, version)
            if names:
                prefix = "compat.v1." if add_prefix_to_v1_names and version in prefixed else ""
                return prefix + choose(names, without(symbol))
        return None

    return found


def first(names, deprecated):
    return next((name for name in names if name not in deprecated), names[0])


@misconception(
    replaces="get_canonical_name",
    hint="The canonical name is one name. What is yours: print its type.",
    fails=["canon_single"],
)
def all_names_at_once(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return names_of(symbol, api_name) or names_of(symbol, api_name, 1) or None


@misconception(
    replaces="get_canonical_name",
    hint="Which of the names is the documented one?",
    fails=["canon_first"],
)
def last_is_canonical(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return canonical(lambda names, deprecated: first(names[::-1], deprecated))(
        symbol, api_name, add_prefix_to_v1_names=add_prefix_to_v1_names
    )


@misconception(
    replaces="get_canonical_name",
    hint="The order in which the names were given says which is documented. Does sorting keep it?",
    fails=["canon_first"],
)
def first_in_the_alphabet(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return canonical(lambda names, deprecated: first(sorted(names), deprecated))(
        symbol, api_name, add_prefix_to_v1_names=add_prefix_to_v1_names
    )


@misconception(
    replaces="get_canonical_name",
    hint="What if the first name is deprecated?",
    fails=["canon_deprecated"],
)
def ignores_deprecated(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return canonical(lambda names, deprecated: names[0])(
        symbol, api_name, add_prefix_to_v1_names=add_prefix_to_v1_names
    )


@misconception(
    replaces="get_canonical_name",
    hint="What if all names are deprecated? The symbol still needs one in the documentation.",
    fails=["canon_all_deprecated"],
)
def none_if_all_are_deprecated(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    for version in (2, 1):
        names = names_of(symbol, api_name, version)
        good = [name for name in names if name not in deprecated_of(symbol)]
        if names:
            prefix = "compat.v1." if add_prefix_to_v1_names and version == 1 else ""
            return prefix + good[0] if good else None
    return None


@misconception(
    replaces="get_canonical_name",
    hint="All names of version 2 are deprecated, and there is one of version 1 that is not. Which comes first?",
    fails=["canon_all_deprecated"],
)
def v1_before_deprecated(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    prefix = "compat.v1." if add_prefix_to_v1_names else ""
    names = [*names_of(symbol, api_name), *(prefix + name for name in names_of(symbol, api_name, 1))]
    deprecated = {*deprecated_of(symbol), *(prefix + name for name in deprecated_of(symbol))}
    return next((name for name in names if name not in deprecated), names[0] if names else None)


@misconception(
    replaces="get_canonical_name",
    hint="A symbol has names in version 1 alone. Has it no canonical name?",
    fails=["canon_v1"],
)
def no_name_in_v1(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return canonical(first, versions=(2,))(symbol, api_name)


@misconception(
    replaces="get_canonical_name",
    hint="add_prefix_to_v1_names: to which names does it add one? Look at a symbol of version 2.",
    fails=["canon_v1"],
)
def prefix_for_all(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return canonical(first, prefixed=(1, 2))(symbol, api_name, add_prefix_to_v1_names=add_prefix_to_v1_names)


@misconception(
    replaces="get_canonical_name",
    hint="Without add_prefix_to_v1_names, what is in front of a name of version 1?",
    fails=["canon_v1"],
)
def prefix_always(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    return canonical(first)(symbol, api_name, add_prefix_to_v1_names=True)


@misconception(
    replaces="get_canonical_name",
    hint="Deprecated names are written down without a prefix. With which names do you compare them?",
    fails=["canon_v1"],
)
def prefix_hides_deprecation(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    prefix = "compat.v1." if add_prefix_to_v1_names else ""
    for names in (names_of(symbol, api_name), [prefix + name for name in names_of(symbol, api_name, 1)]):
        if names:
            return first(names, deprecated_of(symbol))
    return None


@misconception(
    replaces="get_canonical_name",
    hint="Ask for the canonical name of a subclass of an exported class, or of an instance.",
    fails=["inherit_names"],
)
def canonical_inherits(symbol, api_name="tensorflow", *, add_prefix_to_v1_names=False):
    def inherited(symbol, api_name, version):
        return names_of(symbol, api_name, version) or getattr(symbol, (V2 if version == 2 else V1).format(api_name), ())

    return canonical(first, of=inherited)(symbol, api_name, add_prefix_to_v1_names=add_prefix_to_v1_names)


@misconception(
    replaces="deprecate",
    hint="Deprecate one name, and then another: are both deprecated?",
    fails=["deprecate"],
)
def deprecate_forgets(symbol, *names):
    innermost(symbol)._deprecated_api_names = names
    return symbol


def innermost(symbol):
    while isinstance(symbol, (staticmethod, classmethod)) or "__wrapped__" in getattr(symbol, "__dict__", {}):
        symbol = symbol.__wrapped__
    return symbol


@misconception(
    replaces="deprecate",
    hint="Deprecate a name of a class, and then one of its subclass. Which names has the subclass's own tuple?",
    fails=["deprecate"],
)
def deprecate_inherits(symbol, *names):
    target = innermost(symbol)
    target._deprecated_api_names = getattr(target, "_deprecated_api_names", ()) + names
    return symbol


@misconception(
    replaces="deprecate",
    hint="`deprecate` is used within other calls. What does it return?",
    fails=["deprecate"],
)
def deprecate_returns_nothing(symbol, *names):
    target = innermost(symbol)
    target._deprecated_api_names = own(target).get("_deprecated_api_names", ()) + names
