"""What students get wrong about the names that an export accepts, as they would write it."""

import keyword

import api_registry
from api_registry import InvalidSymbolNameError

from grader.checks import misconception


class by_rules(api_registry.ApiExport):
    """An export in which a rule may be another one: whether a name is one, and whether it is in its place."""

    check_name = staticmethod(api_registry._check_name)
    check_place = staticmethod(api_registry._check_place)

    def __init__(self, *names, api_name="tensorflow", v1=None, **options):
        super().__init__("a", **options)
        self.api_name = api_name
        self.names = {2: names, 1: names if v1 is None else tuple(v1)}
        if not any(self.names.values()):
            raise InvalidSymbolNameError("no name")
        for name in self.names[2] + self.names[1]:
            self.check_name(name)
            self.check_place(name, api_name)


def refuse_unless(allowed):
    """Make a rule of a condition."""

    def rule(*given):
        if not allowed(*given):
            raise InvalidSymbolNameError(given)

    return staticmethod(rule)


@misconception(
    replaces="ApiExport",
    hint="Is `kerasy.x` inside `keras`? A package's name ends at a dot.",
    fails=["prefix_ok", "prefix_bad"],
)
class prefix_without_a_dot(by_rules):
    check_place = refuse_unless(
        lambda name, api: not name.startswith(("keras", "estimator")) if api == "tensorflow" else name.startswith(api)
    )


@misconception(
    replaces="ApiExport",
    hint="Is the name `keras` itself inside keras? Ask for both APIs.",
    fails=["prefix_ok", "prefix_bad"],
)
class package_itself_forgotten(by_rules):
    check_place = refuse_unless(
        lambda name, api: (
            not name.startswith(("keras.", "estimator.")) if api == "tensorflow" else name.startswith(f"{api}.")
        )
    )


@misconception(
    replaces="ApiExport",
    hint="`layers.keras` is not in the package keras: where in a name is its package?",
    fails=["prefix_ok", "prefix_bad"],
)
class package_anywhere(by_rules):
    check_place = refuse_unless(
        lambda name, api: (
            not {"keras", "estimator"} & set(name.split(".")) if api == "tensorflow" else api in name.split(".")
        )
    )


@misconception(
    replaces="ApiExport",
    hint="May an API that is not tensorflow export outside of its own package?",
    fails=["prefix_bad"],
)
class only_tensorflow_is_kept_out(by_rules):
    check_place = refuse_unless(
        lambda name, api: api != "tensorflow" or name.split(".")[0] not in ("keras", "estimator")
    )


@misconception(
    replaces="ApiExport",
    hint="May tensorflow export into a package that is an API of its own?",
    fails=["prefix_bad"],
)
class tensorflow_goes_anywhere(by_rules):
    check_place = refuse_unless(lambda name, api: api == "tensorflow" or name.split(".")[0] == api)


@misconception(
    replaces="ApiExport",
    hint="The rules of names hold for those of v1, too. Are they checked?",
    fails=["names_valid", "prefix_bad"],
)
class v1_unchecked(api_registry.ApiExport):
    def __init__(self, *names, v1=None, **options):
        super().__init__(*names, v1=v1 if not names else None, **options)
        self.names[1] = names if v1 is None else tuple(v1)


@misconception(
    replaces="ApiExport",
    hint="Could `nn.class` be written in a program? str.isidentifier() alone does not know.",
    fails=["names_valid"],
)
class keywords_allowed(by_rules):
    check_name = refuse_unless(lambda name: all(part.isidentifier() for part in name.split(".")))


@misconception(
    replaces="ApiExport",
    hint="Could `nn..relu`, `9.relu` or `relu-6` be written in a program? Look at each part of a name.",
    fails=["names_valid"],
)
class anything_is_a_name(by_rules):
    check_name = refuse_unless(lambda name: True)


@misconception(
    replaces="ApiExport",
    hint="Python's own names may have letters of any language in them: what does str.isidentifier() say?",
    fails=["names_valid"],
)
class plain_letters_only(by_rules):
    check_name = refuse_unless(
        lambda name: (
            name.isascii() and all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))
        )
    )


@misconception(
    replaces="ApiExport",
    hint="ApiExport() without any name, in neither version: what is exported?",
    fails=["names_valid"],
)
class nothing_is_fine(api_registry.ApiExport):
    def __init__(self, *names, v1=None, **options):
        nothing = not names and not v1
        super().__init__(*names, v1=["a"] if nothing else v1, **options)
        if nothing:
            self.names = {2: (), 1: ()}
