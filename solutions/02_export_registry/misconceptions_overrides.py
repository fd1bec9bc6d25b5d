"""What students get wrong in part 2 where an export fails, overrides, or is of a constant, as they would write it."""

import sys

import api_registry
from api_registry import SymbolAlreadyExposedError

from grader.checks import misconception


def keys(self):
    return f"_{self.api_name}_api_names", f"_{self.api_name}_api_names_v1"


def stamp(self, symbol):
    setattr(symbol, keys(self)[0], self.names[2])
    setattr(symbol, keys(self)[1], self.names[1])
    return symbol


@misconception(
    replaces="ApiExport",
    hint="Export len, or 3: which exception comes of it? The handout asks for one that says what to do instead.",
    fails=["without_a_place"],
)
class attribute_error(api_registry.ApiExport):
    def __call__(self, symbol):
        try:
            return super().__call__(symbol)
        except TypeError as error:
            raise AttributeError(symbol) from error


@misconception(
    replaces="ApiExport",
    hint="Nothing can be stamped on len. Does yours pass over it in silence?",
    fails=["without_a_place"],
)
class silent_without_a_place(api_registry.ApiExport):
    def __call__(self, symbol):
        try:
            return super().__call__(symbol)
        except TypeError:
            return symbol


@misconception(
    replaces="ApiExport",
    hint="The new export raises. Has the old symbol lost its names by then?",
    fails=["atomic"],
)
class overrides_first(api_registry.ApiExport):
    def __call__(self, symbol):
        for other in self.overrides:
            for key in keys(self):
                if key in vars(other):
                    delattr(other, key)
        return super().__call__(symbol)


@misconception(
    replaces="ApiExport",
    hint="Are the names stamped before it is known whether they may be?",
    fails=["atomic"],
)
class stamps_first(api_registry.ApiExport):
    def __call__(self, symbol):
        known = getattr(symbol, "__dict__", {})
        if keys(self)[0] in known and not self.allow_multiple_exports:
            stamp(self, symbol)
            raise SymbolAlreadyExposedError(symbol)
        return super().__call__(symbol)


@misconception(
    replaces="ApiExport",
    hint="What has a symbol that is overridden in this API afterwards?",
    fails=["overrides"],
)
class overrides_nothing(api_registry.ApiExport):
    def __init__(self, *names, **options):
        super().__init__(*names, **options)
        self.overrides = ()


@misconception(
    replaces="ApiExport",
    hint="A symbol that is overridden in this API may have names in another one. Are they still there?",
    fails=["overrides"],
)
class overrides_in_all_apis(api_registry.ApiExport):
    def __call__(self, symbol):
        super().__call__(symbol)
        for other in self.overrides:
            for key in [key for key in vars(other) if "_api_names" in key]:
                delattr(other, key)
        return symbol


@misconception(
    replaces="ApiExport",
    hint="A symbol that never had a name is overridden: what is there to remove?",
    fails=["overrides"],
)
class overrides_must_have_names(api_registry.ApiExport):
    def __call__(self, symbol):
        for key in keys(self):
            for other in self.overrides:
                if key not in vars(other):
                    raise KeyError(key)
        return super().__call__(symbol)


def recorded(self, module_name, entry):
    module = sys.modules[module_name]
    for names, suffix in ((self.names[2], ""), (self.names[1], "_v1")):
        vars(module).setdefault(f"_{self.api_name}_api_constants{suffix}", []).append(entry(names, module))


@misconception(
    replaces="ApiExport",
    hint="The constant is changed after the line that exports it. What have you recorded: its value, or where it is?",
    fails=["constants"],
)
class constant_read_early(api_registry.ApiExport):
    def export_constant(self, module_name, attr):
        recorded(self, module_name, lambda names, module: (names, getattr(module, attr)))


@misconception(
    replaces="ApiExport",
    hint="A module has many constants: is the first still recorded after the second was exported?",
    fails=["constants"],
)
class last_constant_only(api_registry.ApiExport):
    def export_constant(self, module_name, attr):
        module = sys.modules[module_name]
        setattr(module, f"_{self.api_name}_api_constants", [(self.names[2], attr)])
        setattr(module, f"_{self.api_name}_api_constants_v1", [(self.names[1], attr)])


@misconception(
    replaces="ApiExport",
    hint="Which version's names do your two lists of constants have?",
    fails=["constants"],
)
class constants_without_v1(api_registry.ApiExport):
    def export_constant(self, module_name, attr):
        recorded(self, module_name, lambda names, module: (self.names[2], attr))
