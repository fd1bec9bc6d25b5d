"""What students get wrong in part 5, as they would write it."""

import functools

import api_registry

from grader.checks import misconception


def inner_of(symbol):
    """Return what a wrapper wraps, or None."""
    if isinstance(symbol, (staticmethod, classmethod)):
        return symbol.__func__
    return api_registry._own(symbol).get("__wrapped__")


def layers(symbol, inner_of=inner_of):
    """Return a symbol and all that it wraps, outermost first."""
    found = [symbol]
    while (inner := inner_of(found[-1])) is not None:
        if any(inner is seen for seen in found):
            raise ValueError("a circle")
        found.append(inner)
    return found


@misconception(
    replaces="unwrap",
    hint="Your answer is a pair. Which comes first in it: the wrappers, or what is innermost?",
    fails=["unwrap_target"],
)
def target_first(symbol):
    *wrappers, target = layers(symbol)
    return target, wrappers


@misconception(
    replaces="unwrap",
    hint="In which order do you return the wrappers? The first is the one that was asked.",
    fails=["unwrap_chain"],
)
def innermost_first(symbol):
    *wrappers, target = layers(symbol)
    return wrappers[::-1], target


@misconception(
    replaces="unwrap",
    hint="Is what is innermost a wrapper? Look at a function that nobody wrapped.",
    fails=["unwrap_chain"],
)
def target_among_the_wrappers(symbol):
    return layers(symbol), layers(symbol)[-1]


@misconception(
    replaces="unwrap",
    hint="A function may be decorated twice. Do you stop at the first?",
    fails=["unwrap_chain"],
)
def one_layer(symbol):
    inner = inner_of(symbol)
    return ([], symbol) if inner is None else ([symbol], inner)


@misconception(
    replaces="unwrap",
    hint="A subclass finds __wrapped__ in its parent. Does it wrap anything itself?",
    fails=["unwrap_methods"],
)
def inherits_wrapped(symbol):
    *wrappers, target = layers(symbol, lambda each: getattr(each, "__wrapped__", None))
    return wrappers, target


@misconception(
    replaces="unwrap",
    hint="What is in a class's __dict__ under the name of a staticmethod, and where is its function?",
    fails=["unwrap_methods"],
)
def methods_are_no_wrappers(symbol):
    def inner(each):
        return None if isinstance(each, (staticmethod, classmethod)) else inner_of(each)

    *wrappers, target = layers(symbol, inner)
    return wrappers, target


@misconception(
    replaces="unwrap",
    hint="f wraps g, and g wraps f. Do you ever come to an end, and how?",
    fails=["unwrap_circle"],
)
def stops_in_a_circle(symbol):
    wrappers = []
    while (inner := inner_of(symbol)) is not None and all(symbol is not seen for seen in wrappers):
        wrappers.append(symbol)
        symbol = inner
    return wrappers, symbol


@misconception(
    replaces="make_decorator",
    hint="functools.wraps copies the whole __dict__. What of the target's is in the wrapper's own __dict__ then?",
    fails=["decorator"],
)
def copies_the_stamps(target, wrapper):
    return functools.wraps(target)(wrapper)


@misconception(
    replaces="make_decorator",
    hint="How does somebody who has the wrapper get to the function that is inside?",
    fails=["decorator"],
)
def leads_nowhere(target, wrapper):
    made = functools.update_wrapper(wrapper, target, updated=())
    del made.__wrapped__
    return made


@misconception(
    replaces="make_decorator",
    hint="Print the wrapper, and help(wrapper): whose name and docstring are there?",
    fails=["decorator"],
)
def only_wrapped(target, wrapper):
    wrapper.__wrapped__ = target
    return wrapper


@misconception(
    replaces="make_decorator",
    hint="Which object do you return: the wrapper that you were given, or one around it?",
    fails=["decorator"],
)
def wraps_once_more(target, wrapper):
    return functools.update_wrapper(lambda *args, **kwargs: wrapper(*args, **kwargs), target, updated=())


@misconception(
    replaces="ApiExport",
    hint="Where do the names live when the function is decorated twice?",
    fails=["unwrap_store", "unwrap_dup"],
)
class stamps_the_wrapper(api_registry.ApiExport):
    def __call__(self, symbol):
        keys = [f"_{self.api_name}_api_names", f"_{self.api_name}_api_names_v1"]
        own = api_registry._own
        if keys[0] in own(symbol) and not self.allow_multiple_exports:
            raise api_registry.SymbolAlreadyExposedError(symbol)
        try:
            for key, version in zip(keys, (2, 1), strict=True):
                setattr(symbol, key, self.names[version])
        except (AttributeError, TypeError) as error:
            raise TypeError(symbol) from error
        for other in self.overrides:
            for key in keys:
                if key in own(other):
                    delattr(other, key)
        return symbol


@misconception(
    replaces="ApiExport",
    hint="Are the wrappers stamped as well as the function? One place is enough, and cannot contradict itself.",
    fails=["unwrap_store"],
)
class stamps_every_layer(api_registry.ApiExport):
    def __call__(self, symbol):
        super().__call__(symbol)
        for layer in layers(symbol):
            setattr(layer, f"_{self.api_name}_api_names", self.names[2])
            setattr(layer, f"_{self.api_name}_api_names_v1", self.names[1])
        return symbol


@misconception(
    replaces="ApiExport",
    hint="What does the export of a wrapper return? Who decorates a method wants the staticmethod back.",
    fails=["unwrap_store"],
)
class returns_the_innermost(api_registry.ApiExport):
    def __call__(self, symbol):
        return layers(super().__call__(symbol))[-1]


@misconception(
    replaces="get_names",
    hint="A wrapper was made when the function had other names, and carries a copy of those. Whose names do you tell?",
    fails=["unwrap_queries"],
)
def asks_the_outermost(symbol, api_name="tensorflow", version=2):
    if version not in (1, 2):
        raise ValueError(version)
    return api_registry._own(symbol).get(f"_{api_name}_api_names" + ("" if version == 2 else "_v1"), ())


@misconception(
    replaces="deprecate",
    hint="A wrapper is deprecated. On which of the objects is that written down?",
    fails=["unwrap_queries"],
)
def deprecates_the_wrapper(symbol, *names):
    symbol._deprecated_api_names = api_registry._own(symbol).get("_deprecated_api_names", ()) + names
    return symbol
