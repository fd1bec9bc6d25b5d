"""Part 1: what a Partial hears, holds and leaves alone."""

import probes

from grader.checks import check, require


def arguments(words, chance, keys=2):
    """Draw stored arguments and those of a call, with one keyword in common."""
    names = words(2 * keys - 1)
    ours, theirs = names[:keys], names[keys - 1 :]
    return [
        [[chance.randrange(1000) for _ in range(2)], {name: chance.randrange(1000) for name in some}]
        for some in (ours, theirs)
    ]


@check("partial", points=1)
def test_partial_call(same, words, chance):
    """The function hears the stored arguments."""
    stored, _ = arguments(words, chance)
    same(probes.partial_calls, stored=stored, given=[[], {}], name="the call")


@check("partial", points=2, after=test_partial_call)
def test_partial_order(same, words, chance):
    """The stored arguments come first, and then those of the call."""
    (stored, _), (given, _) = arguments(words, chance)
    same(probes.partial_calls, stored=[stored, {}], given=[given, {}], name="the call")


@check("partial", points=2, after=test_partial_call)
def test_partial_keywords(same, words, chance):
    """The keywords of both are heard; where both have one, the call's wins."""
    (_, stored), (_, given) = arguments(words, chance)
    same(probes.partial_calls, stored=[[], stored], given=[[], given], name="the call")


@check("partial", points=1, after=test_partial_call)
def test_partial_attributes(same, words, chance):
    """func is the function itself, args a tuple, keywords a dict."""
    (args, keywords), _ = arguments(words, chance)
    same(probes.partial_attributes, args=args, keywords=keywords, name="the description")


@check("partial", points=3, after=test_partial_call)
def test_partial_flat(same, words, chance):
    """A Partial of a Partial is one Partial, with the arguments of both."""
    stored, given = arguments(words, chance)
    same(probes.partial_nested, layers=[stored, given], name="the description")
    same(probes.partial_nested, layers=[stored, given, stored], name="the description")


@check("partial", points=3, after=test_partial_call)
def test_partial_pure(same, words, chance):
    """Neither a call nor another Partial changes what a Partial holds."""
    stored, given = arguments(words, chance)
    same(probes.partial_called_again, stored=stored, given=given, name="the second call")
    same(probes.partial_inside_another, stored=stored, given=given, name="the description")


@check("partial", points=1, after=test_partial_call)
def test_partial_any_keyword(same, chance):
    """Keywords may be called self and func."""
    stored, given = [[[], {name: chance.randrange(1000)}] for name in ("func", "self")]
    same(probes.partial_calls, stored=stored, given=given, name="the call")
    same(probes.partial_calls, stored=given, given=stored, name="the call")


@check("partial", points=1, after=test_partial_call)
def test_partial_not_callable(candidate, chance):
    """What cannot be called is a TypeError at once, and not when it is called."""
    candidate.raises(TypeError, probes.partial_of_a_number, number=chance.randrange(1000))


@check("partial", points=1, after=test_partial_call)
def test_partial_by_hand(candidate, chance):
    """It is made by hand, without functools.partial."""
    borrowed = candidate.run(probes.partial_by_hand, x=chance.randrange(1000))
    require(borrowed is False, "a Partial is, or holds, a functools.partial")
