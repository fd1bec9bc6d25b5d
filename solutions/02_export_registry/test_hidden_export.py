"""Part 2: what an export stamps, and on what."""

import probes

from grader.checks import check


@check("export", points=2)
def test_stamps(same, words):
    """The name is in the symbol's own __dict__, in a tuple, for each version."""
    one, two = words(2)
    for name in (one, f"{one}.{two}"):
        same(probes.stamps, names={"tensorflow": [name]}, name="the stamps")


@check("export", points=2, after=test_stamps)
def test_stamps_in_order(same, words):
    """Several names are there in the order in which they were given."""
    one, two, three = words(3)
    same(probes.stamps, names={"tensorflow": [f"{two}.{one}", three, one]}, name="the stamps")
    same(probes.stamps, names={"tensorflow": [one, three, f"{two}.{one}"]}, name="the stamps")


@check("export", points=4, after=test_stamps)
def test_identity(same, words, chance):
    """What is exported is returned: the same object, that works as before."""
    same(probes.decorated, names=words(2), x=chance.randrange(1000), name="the outcome")


@check("export", points=3, after=test_stamps)
def test_v1_names(same, words):
    """v1 has names of its own; None means the same ones, an empty list none."""
    one, two, three = words(3)
    for names, v1 in (([one, two], None), ([one], [three, two]), ([one], []), ([], [two])):
        same(probes.stamps, names={"tensorflow": names}, v1=v1, name="the stamps")


@check("export", points=2, after=test_stamps)
def test_apis(same, words):
    """Each API has stamps of its own, and a symbol may be in several."""
    one, two, three = words(3)
    same(probes.stamps, names={three: [f"{three}.{one}"]}, apis=[three], name="the stamps")
    names = {"tensorflow": [one], "keras": [f"keras.{two}"], three: [f"{three}.{two}"]}
    same(probes.stamps, names=names, apis=list(names), name="the stamps")


@check("export", points=4, after=test_stamps)
def test_duplicates(same, words):
    """A second export in the same API raises, unless new names may replace the old."""
    first, second = words(2)
    same(probes.exported_twice, first=[first], second=[second], name="the outcome")
    same(probes.exported_twice, first=[first], second=[second], allow_multiple_exports=True, name="the outcome")


@check("export", points=4, after=test_stamps)
def test_inherit_export(same, words):
    """The subclass of an exported class has no names yet, and may get its own."""
    first, second = words(2)
    same(probes.subclass_exported, names=[first], others=[second], name="the outcome")


@check("export", points=2, after=test_stamps)
def test_overrides(same, words):
    """What is overridden loses its names in this API, and in no other."""
    first, second = words(2)
    same(probes.overridden, names=[first], taken=[second], name="the stamps")


@check("export", points=2, after=test_stamps)
def test_atomic(same, words):
    """An export that raises changes nothing, neither on the symbol nor on what it should override."""
    first, second, third = words(3)
    same(probes.stamps_after_a_failure, names=[first], wrong=second, overridden=[third], name="the outcome")


@check("export", points=1, after=test_stamps)
def test_without_a_place(same, words):
    """A symbol on which nothing can be stamped is a TypeError."""
    same(probes.without_a_place, names=words(1), name="the outcome")


@check("export", points=2, after=test_stamps)
def test_constants(same, candidate, words):
    """The names of a constant are recorded on its module, with the attribute and not its value."""
    one, two, three, four = words(4)
    exports = [([one, two], [one], three), ([two], [four], one), ([four], [], four)]
    same(probes.constants, exports=exports, name="the record")
    keras = [([f"keras.{one}"], [f"keras.{two}"], three)]
    same(probes.constants, exports=keras, api_name="keras", name="the record")
    candidate.raises(KeyError, probes.constant_of_nowhere, name=one, module=two)
