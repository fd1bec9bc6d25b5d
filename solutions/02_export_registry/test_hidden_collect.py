"""Part 4: what is in the table of an API. The probes stamp the symbols themselves."""

import probes

from grader.checks import at_most, check, require


def module(words, names, **more):
    """Describe a module with an attribute for each of these tuples of names."""
    return {attr: {"names": each, **more} for attr, each in zip(words(len(names)), names, strict=True)}


@check("collect", points=5)
def test_collect_names(same, words):
    """Each name of each symbol of each module leads to its object, and other APIs are left out."""
    one, two, three, four = words(4)
    described = {
        "first": module(words, [[one, f"{two}.{one}"], [three]]) | module(words, [["keras.a"]], api="keras"),
        "second": module(words, [[f"{two}.{four}"], []]),
    }
    same(probes.collected, described=described, name="the collection")
    same(probes.collected, described=described, api_name="keras", name="the collection")
    same(probes.collected, described={}, name="the collection of nothing")


@check("collect", points=2, after=test_collect_names)
def test_collect_v1(same, words):
    """Version 1 has its own names."""
    one, two, three = words(3)
    described = {"first": module(words, [[one]], v1=[two]), "second": module(words, [[three]])}
    same(probes.collected, described=described, version=1, name="the collection")


@check("collect", points=4, after=test_collect_names)
def test_const_late(same, words, chance):
    """A constant is read when the API is collected, under each of its names."""
    one, two, three, a, b = words(5)
    early = {name: 1000.5 + i for i, name in enumerate((a, b))}
    late = {name: chance.random() for name in (a, b)}
    records = [([one, f"{two}.{one}"], a), ([three], b), ([three], b), ([], a)]
    for version, api_name in ((2, "tensorflow"), (1, "tensorflow"), (2, two)):
        same(
            probes.collected_constants,
            records=records,
            early=early,
            late=late,
            version=version,
            api_name=api_name,
            name="the constants",
        )


@check("collect", points=5, after=test_collect_names)
def test_conflict(same, words):
    """Two objects that claim one name raise, also if they say that they are equal."""
    one, two = words(2)
    for names in ([[one], [one]], [[one, two], [two]]):
        within = {"first": module(words, names)}
        across = {"first": module(words, names[:1]), "second": module(words, names[1:])}
        for described in (across, within):
            same(probes.conflicting, described=described, name="the outcome")


@check("collect", points=3, after=test_collect_names)
def test_same_object(same, words):
    """One object that is seen in several places is no conflict."""
    one, two, three = words(3)
    described = {
        "first": module(words, [[one, two], [one, two]], **{"as": "it"}),
        "second": module(words, [[one, two]], **{"as": "it"}) | module(words, [[three]]),
    }
    same(probes.conflicting, described=described, name="the outcome")


@check("collect", points=2, after=test_collect_names)
def test_collect_order(same, words):
    """The names are sorted, in whatever order the modules come."""
    names = words(6)
    described = {"first": module(words, [[name] for name in names[:3]]), "second": module(words, [names[3:]])}
    for reverse in (False, True):
        same(probes.names_in_order, described=described, reverse=reverse, name="the order of the names")


@check("collect", points=2, after=test_collect_names)
def test_collect_relatives(same, words):
    """A subclass or an instance of an exported class is not collected."""
    same(probes.collected_relatives, names=words(2), name="the collection")


@check("collect", points=1, after=test_collect_names)
def test_collect_beside(same, words):
    """An attribute that cannot be compared or asked for anything is passed over."""
    same(probes.collected_beside, names=words(2), name="the collection")


@check("collect", points=1, after=test_collect_names)
def test_collect_cost(candidate, chance):
    """Each attribute of a module is asked for a few times at most."""
    sizes = [chance.randrange(30, 40), chance.randrange(80, 100)]
    for size, (found, asked) in zip(sizes, candidate.run(probes.touches, sizes=sizes), strict=True):
        require(found == size, "not all names were collected")
        at_most(asked, 4 * size + 20, name="looks at the module's attributes")
