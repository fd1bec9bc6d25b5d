"""What students get wrong in part 1, as they would write it."""

import functools

import api_registry

from grader.checks import misconception


@misconception(
    replaces="Partial",
    hint="What does the function hear of the arguments that you stored, if the call brings none?",
    fails=["partial_call"],
)
class stored_arguments_lost(api_registry.Partial):
    def __call__(self, /, *args, **keywords):
        return self.func(*args, **keywords)


@misconception(
    replaces="Partial",
    hint="A keyword is stored, and the call brings it too. Whose value wins in yours?",
    fails=["partial_keywords"],
)
class stored_keywords_win(api_registry.Partial):
    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **{**keywords, **self.keywords})


@misconception(
    replaces="Partial",
    hint="Store one positional argument and call with another: whose comes first?",
    fails=["partial_order"],
)
class call_arguments_first(api_registry.Partial):
    def __call__(self, /, *args, **keywords):
        return self.func(*args, *self.args, **{**self.keywords, **keywords})


@misconception(
    replaces="Partial",
    hint="Does the function hear the keywords of the call as well as those that are stored?",
    fails=["partial_keywords"],
)
class call_keywords_lost(api_registry.Partial):
    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **self.keywords)


@misconception(
    replaces="Partial",
    hint="Wrap a function twice, and compare .func and .args with those of functools.partial.",
    fails=["partial_flat"],
)
class not_flat:
    def __init__(self, func, /, *args, **keywords):
        if not callable(func):
            raise TypeError(func)
        self.func, self.args, self.keywords = func, args, keywords

    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})


class flattened(not_flat):
    """A Partial that merges with the one that it is given, in the way that `merged` says."""

    def __init__(self, func, /, *args, **keywords):
        super().__init__(func, *args, **keywords)
        if isinstance(func, flattened):
            self.func, self.args, self.keywords = func.func, *self.merged(func)


@misconception(
    replaces="Partial",
    hint="In a Partial of a Partial, whose positional arguments come first: the inner one's or the outer one's?",
    fails=["partial_flat"],
)
class flat_arguments_reversed(flattened):
    def merged(self, inner):
        return self.args + inner.args, {**inner.keywords, **self.keywords}


@misconception(
    replaces="Partial",
    hint="In a Partial of a Partial, both have one keyword. The outer one was written later: does it win?",
    fails=["partial_flat"],
)
class flat_inner_keyword_wins(flattened):
    def merged(self, inner):
        return inner.args + self.args, {**self.keywords, **inner.keywords}


@misconception(
    replaces="Partial",
    hint="Call it twice, the second time without the keyword. What is in .keywords by then?",
    fails=["partial_pure"],
)
class call_updates_keywords(api_registry.Partial):
    def __call__(self, /, *args, **keywords):
        self.keywords.update(keywords)
        return self.func(*self.args, *args, **self.keywords)


@misconception(
    replaces="Partial",
    hint="Call it twice, the second time without arguments. What is in .args by then?",
    fails=["partial_pure"],
)
class call_extends_args(api_registry.Partial):
    def __call__(self, /, *args, **keywords):
        self.args += args
        return self.func(*self.args, **{**self.keywords, **keywords})


@misconception(
    replaces="Partial",
    hint="Make a second Partial of the first, and look at the first again: do the two share a dict?",
    fails=["partial_pure"],
)
class shared_keywords(flattened):
    def merged(self, inner):
        inner.keywords.update(self.keywords)
        return inner.args + self.args, inner.keywords


@misconception(
    replaces="Partial",
    hint="Is .args a tuple, as the * of the signature makes it?",
    fails=["partial_attributes"],
)
class args_in_a_list(api_registry.Partial):
    def __init__(self, func, /, *args, **keywords):
        super().__init__(func, *args, **keywords)
        self.args = list(args)

    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})


@misconception(
    replaces="Partial",
    hint="What do the functions hear that have a parameter called self, or func? Look at the / in the signature.",
    fails=["partial_any_keyword"],
)
class no_slash(api_registry.Partial):
    def __init__(self, func, *args, **keywords):
        super().__init__(func, *args, **keywords)

    def __call__(self, *args, **keywords):
        return super().__call__(*args, **keywords)


@misconception(
    replaces="Partial",
    hint="Partial(3): when does anybody find out, and by which exception?",
    fails=["partial_not_callable"],
)
class never_asks_callable(api_registry.Partial):
    def __init__(self, func, /, *args, **keywords):
        super().__init__(print, *args, **keywords)
        self.func = func
        if isinstance(func, api_registry.Partial):
            self.func, self.args = func.func, func.args + args
            self.keywords = {**func.keywords, **keywords}


@misconception(
    replaces="Partial",
    hint="This part is to write functools.partial, not to use it.",
    fails=["partial_by_hand"],
)
class inherits_from_functools(functools.partial):
    pass
