"""Part 5: names live on what is innermost, and every wrapper leads there."""

import probes

from grader.checks import check


@check("unwrap", points=1)
def test_unwrap_target(same):
    """What is innermost is found, under one wrapper or none."""
    for kinds in ([], ["wraps"]):
        same(probes.innermost, kinds=kinds, name="the outcome")


@check("unwrap", points=1, after=test_unwrap_target)
def test_unwrap_chain(same):
    """The wrappers come outermost first."""
    for kinds in ([], ["wraps"] * 2, ["wraps"] * 3):
        same(probes.unwrapped, kinds=kinds, name="the order of wrappers")


@check("unwrap", points=1, after=test_unwrap_target)
def test_unwrap_methods(same, chance):
    """staticmethod and classmethod are wrappers; the subclass of a wrapper is none."""
    for kinds in (["staticmethod"], ["classmethod"]):
        same(probes.innermost, kinds=kinds, name="the outcome")
    same(probes.unwrapped_relatives, x=chance.randrange(1000), name="the outcome")


@check("unwrap", points=1, after=test_unwrap_target)
def test_unwrap_circle(candidate):
    """Wrappers that go round in a circle are a ValueError."""
    for length in (1, 3):
        candidate.raises(ValueError, probes.unwrap_in_a_circle, length=length)


@check("unwrap", points=1)
def test_decorator(same, words):
    """A wrapper looks like its target and leads to it, and has none of its names."""
    name, doc = words(2)
    same(probes.made_decorator, names=[name], doc=doc, name="the wrapper")


@check("unwrap", points=1)
def test_unwrap_store(same, words):
    """The export of a wrapper stamps what is innermost, and returns the wrapper."""
    same(probes.stamps_through_wrappers, names=words(1), kinds=["wraps"], name="the stamps")


@check("unwrap", points=1, after=test_unwrap_store)
def test_unwrap_dup(same, words):
    """What was exported at one end cannot be exported at the other."""
    first, second = words(2)
    same(probes.exported_at_both_ends, names=[first], others=[second], name="the outcome")


@check("unwrap", points=1)
def test_unwrap_queries(same, words):
    """Whichever wrapper is asked, the names are those of what is innermost, as they are now."""
    old, first, second = words(3)
    same(probes.names_through_wrappers, old=[old], new=[first, second], deprecated=[first], name="the answers")
