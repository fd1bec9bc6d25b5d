"""Part 6: the rendered package, written to disk and imported in a new Python each time."""

import probes
import pytest

from grader.checks import at_most, check, grows, require

BUILTINS = ["globals", "getattr", "sorted", "dict", "name", "list"]
ROOT = "api_"


@pytest.fixture
def targets(words, chance):
    """Draw a table of names, some of them in packages, and their targets in a few modules."""
    a, b, c, d, e, one, two, three = words(8)
    names = [a, b, f"{c}.{a}", f"{c}.{d}", f"{c}.{e}.{b}", f"{d}.{e}.{c}.{a}"]
    modules = [one, two, three] * 2
    table = {name: f"{module}:{name.rpartition('.')[2]}" for name, module in zip(names, modules, strict=True)}
    return {name: table[name] for name in chance.sample(names, len(names))}


@check("package", points=1)
def test_package_attributes(same, targets):
    """From the root on, each name means its target."""
    same(probes.package_attributes, targets=targets, root=ROOT, name="the meaning")


@check("package", points=2, after=test_package_attributes)
def test_package_imports(same, targets):
    """Each package can be imported by its name."""
    same(probes.package_imports, targets=targets, root=ROOT, name="the meaning")


@check("package", points=1, after=test_package_attributes)
def test_package_other_names(same, words):
    """The target may have another name, and the API the names of builtins."""
    one, two, three = words(3)
    same(probes.package_attributes, targets={one: f"{two}:{three}"}, root=ROOT, name="the meaning")
    builtins = {name: f"{one}:{name}" for name in BUILTINS}
    same(probes.package_attributes, targets=builtins, root=ROOT, name="the meaning of builtins' names")


@check("package", points=2, after=test_package_attributes)
def test_package_lazy(same, targets):
    """Importing the root imports no target, and the first access just the one that it needs."""
    for name in sorted(targets)[:2]:
        same(probes.package_laziness, targets=targets, root=ROOT, package_name=name, name="the list of imports")


@check("package", points=1, after=test_package_attributes)
def test_package_cached(same, targets):
    """What was found is kept in the package's globals."""
    same(
        probes.package_cache,
        targets=targets,
        root=ROOT,
        package_name=min(targets, key=lambda name: (name.count("."), name)),
        name="the outcome",
    )


@check("package", points=1, after=test_package_attributes)
def test_package_unknown(same, targets, words):
    """A name that is not there is an AttributeError, and imports nothing."""
    package = next(name.partition(".")[0] for name in targets if "." in name)
    nowhere = [words(1)[0], f"{package}.{words(1)[0]}"]
    same(probes.package_unknown, targets=targets, root=ROOT, names=nowhere, name="the outcome")


@check("package", points=1, after=test_package_attributes)
def test_package_sorted(same, targets):
    """__all__ and dir() are sorted, and a star brings what they list."""
    same(probes.package_lists, targets=targets, root=ROOT, name="__all__ and dir()")
    same(probes.package_star, targets=targets, root=ROOT, name="the star import")


@check("package", points=1, after=test_package_attributes)
def test_package_any_order(candidate, targets, chance):
    """Equal tables give equal texts, in whatever order the names come."""
    orders = [list(targets), list(targets)[::-1], chance.sample(list(targets), len(targets))]
    files, alike = candidate.run(probes.package_in_any_order, targets=targets, root=ROOT, orders=orders)
    require(files > 0 and all(alike), "the same names in another order give another text")


@check("package", points=1, after=test_package_attributes)
def test_package_leaf_or_package(candidate, words):
    """A name that is both a target and a package is refused, and so is one that is no name."""
    one, two, three = words(3)
    for name in (one, f"{two}.{one}"):
        for order in ([name, f"{name}.{three}"], [f"{name}.{three}.{two}", name]):
            candidate.raises(ValueError, probes.rendered, targets=dict.fromkeys(order, "m:x"), root=ROOT)
    for name in (f"{one}.class", f"{one}..{two}", ""):
        candidate.raises(ValueError, probes.rendered, targets={name: "m:x"}, root=ROOT)


@check("package", points=1, after=test_package_attributes)
def test_package_size(candidate, words):
    """The text grows with the number of names, and no faster."""
    sizes = [8, 16, 32]
    cases = [{f"{word}.{word}": f"{word}:{word}" for word in words(size)} for size in sizes]
    told = candidate.run(probes.package_sizes, cases=cases, root=ROOT)
    grows(sizes, [size for _, size in told], at_most=1.2, name="the text")
    at_most(told[-1][1], 1000 * (sizes[-1] + 1) + 200 * sizes[-1], name="bytes of text")
