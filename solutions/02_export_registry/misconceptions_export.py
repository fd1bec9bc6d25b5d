"""What students get wrong in part 2, as they would write it."""

import functools

import api_registry
from api_registry import InvalidSymbolNameError, SymbolAlreadyExposedError

from grader.checks import misconception

V2, V1 = "_{}_api_names", "_{}_api_names_v1"


def keys(self):
    return V2.format(self.api_name), V1.format(self.api_name)


@misconception(
    replaces="ApiExport.__call__",
    hint="TensorFlow's own attributes are called otherwise. What are they called here? Print vars(symbol).",
    fails=["stamps"],
)
def attributes_as_in_tensorflow(self, symbol):
    try:
        symbol._tf_api_names, symbol._tf_api_names_v1 = self.names[2], self.names[1]
    except AttributeError as error:
        raise TypeError(symbol) from error
    return symbol


@misconception(
    replaces="ApiExport",
    hint="Print vars(symbol) after the export: are all names there that you gave it?",
    fails=["stamps_in_order"],
)
class one_name_only(api_registry.ApiExport):
    def __init__(self, *names, **options):
        super().__init__(*names, **options)
        self.names = {version: names[:1] for version, names in self.names.items()}


@misconception(
    replaces="ApiExport",
    hint="The order of the names says which is canonical. Does yours keep it?",
    fails=["stamps_in_order"],
)
class names_sorted(api_registry.ApiExport):
    def __init__(self, *names, v1=None, **options):
        super().__init__(*sorted(names), v1=None if v1 is None else sorted(v1), **options)


@misconception(
    replaces="ApiExport",
    hint="Is what @tf_export(...) returns the function itself? A decorator that only stamps needs no wrapper.",
    fails=["identity"],
)
class returns_a_wrapper(api_registry.ApiExport):
    def __call__(self, symbol):
        super().__call__(symbol)

        @functools.wraps(symbol)
        def wrapper(*args, **kwargs):
            return symbol(*args, **kwargs)

        return wrapper


@misconception(
    replaces="ApiExport",
    hint="After @tf_export('a') above def f, what is f? A decorator's answer takes the place of what it decorates.",
    fails=["identity"],
)
class returns_nothing(api_registry.ApiExport):
    def __call__(self, symbol):
        super().__call__(symbol)


@misconception(
    replaces="ApiExport",
    hint="v1=[] says: no names in version 1. What does `v1 or names` make of it?",
    fails=["v1_names"],
)
class empty_v1_is_none(api_registry.ApiExport):
    def __init__(self, *names, v1=None, **options):
        super().__init__(*names, v1=v1 or names, **options)


@misconception(
    replaces="ApiExport",
    hint="Which names does version 1 have if nothing is said of v1?",
    fails=["v1_names"],
)
class no_v1_by_default(api_registry.ApiExport):
    def __init__(self, *names, v1=None, **options):
        super().__init__(*names, v1=v1 or [], **options)


@misconception(
    replaces="ApiExport",
    hint="If v1 is given, which names does version 2 have? The two versions have names of their own.",
    fails=["v1_names"],
)
class v1_in_both(api_registry.ApiExport):
    def __init__(self, *names, v1=None, **options):
        super().__init__(*names, *[name for name in v1 or () if name not in names], v1=v1, **options)


@misconception(
    replaces="ApiExport",
    hint="Export one symbol in two APIs and print its __dict__: does each API have attributes of its own?",
    fails=["apis"],
)
class one_stamp_for_all(api_registry.ApiExport):
    def __init__(self, *names, **options):
        super().__init__(*names, **options)
        self.api_name = "tensorflow"


@misconception(
    replaces="ApiExport",
    hint="Two exports of one function in one API: who finds out?",
    fails=["duplicates"],
)
class never_asks(api_registry.ApiExport):
    def __init__(self, *names, **options):
        super().__init__(*names, **options)
        self.allow_multiple_exports = True


@misconception(
    replaces="ApiExport",
    hint="A symbol may be in two APIs. In which of them was it exported before?",
    fails=["apis"],
)
class once_in_all_apis(api_registry.ApiExport):
    def __call__(self, symbol):
        stamps = [key for key in getattr(symbol, "__dict__", {}) if "_api_names" in key]
        if stamps and not self.allow_multiple_exports:
            raise SymbolAlreadyExposedError(symbol)
        return super().__call__(symbol)


@misconception(
    replaces="ApiExport",
    hint="allow_multiple_exports: do the new names replace the old ones, or are they added?",
    fails=["duplicates"],
)
class adds_to_the_old(api_registry.ApiExport):
    def __call__(self, symbol):
        old = [getattr(symbol, "__dict__", {}).get(key, ()) for key in keys(self)]
        super().__call__(symbol)
        for key, names in zip(keys(self), old, strict=True):
            if names:
                setattr(symbol, key, names + vars(symbol)[key])
        return symbol


@misconception(
    replaces="ApiExport",
    hint="allow_multiple_exports=True: what does the second export do then?",
    fails=["duplicates"],
)
class never_allows(api_registry.ApiExport):
    def __init__(self, *names, **options):
        super().__init__(*names, **options)
        self.allow_multiple_exports = False


@misconception(
    replaces="ApiExport",
    hint="Export class A, and then its subclass B. Was B exported before? hasattr finds what A has, too.",
    fails=["inherit_export"],
)
class asks_with_hasattr(api_registry.ApiExport):
    def __call__(self, symbol):
        if hasattr(symbol, keys(self)[0]) and not self.allow_multiple_exports:
            raise SymbolAlreadyExposedError(symbol)
        return super().__call__(symbol)


@misconception(
    replaces="ApiExport",
    hint="Names for version 1 alone: is that an export without a name?",
    fails=["v1_names"],
)
class version_2_required(api_registry.ApiExport):
    def __init__(self, *names, **options):
        if not names:
            raise InvalidSymbolNameError("no name")
        super().__init__(*names, **options)
