"""Part 3: what a symbol answers. The probes stamp it themselves, so that nothing here waits for part 2."""

import probes

from grader.checks import check


@check("names", points=2)
def test_names_stamped(same, words):
    """The names of version 2 are those that were stamped."""
    one, two = words(2)
    same(probes.names, v2=[one, two], v1=[one, two], name="the names")
    same(probes.names, v2=[f"{two}.{one}"], v1=[f"{two}.{one}"], name="the names")


@check("names", points=2)
def test_names_of_versions(same, words):
    """Each version has names of its own, or none."""
    one, two, three = words(3)
    for v2, v1 in (([one], [three]), ([], [two]), ([three], [])):
        for version in (1, 2):
            same(probes.names, v2=v2, v1=v1, version=version, name="the names")


@check("names", points=2)
def test_names_of_apis(same, words):
    """Each API has names of its own, or none."""
    api, other, one = words(3)
    for asked in (api, other, "tensorflow"):
        same(probes.names_in, names=[one], stamped=api, asked=asked, name="the names")


@check("names", points=2, after=test_names_stamped)
def test_nameless_symbols(same):
    """What has no name answers () and None, whatever it is."""
    same(probes.nameless_symbols, name="the answers")


@check("names", points=3, after="test_canon_single")
def test_inherit_names(same, words):
    """A subclass, and an instance, has no names by inheritance."""
    same(probes.inherited_names, names=words(1), name="the answers")


@check("names", points=1)
def test_canon_single(same, words):
    """Where there is one name, it is the canonical one."""
    for name in words(2):
        same(probes.canonical, v2=[name], v1=[name], name="the canonical name")


@check("names", points=3, after=test_canon_single)
def test_canon_first(same, words):
    """Of several names the first is canonical."""
    one, two, three = sorted(words(3))
    for names in ([two, one, three], [two, three, one], [three, one, two]):
        same(probes.canonical, v2=names, v1=names[1:], name="the canonical name")


@check("names", points=3, after=test_canon_single)
def test_canon_deprecated(same, words):
    """A deprecated name is passed over."""
    one, two, three = words(3)
    for deprecated in ([one], [two]):
        same(probes.canonical, v2=[one, two], v1=[three], deprecated=deprecated, name="the canonical name")


@check("names", points=1, after=test_canon_single)
def test_canon_all_deprecated(same, words):
    """If all names of version 2 are deprecated, one of them is canonical all the same: the first."""
    one, two, three = words(3)
    for names in ([one], [one, two]):
        same(probes.canonical, v2=names, v1=[three], deprecated=[two, one], name="the canonical name")


@check("names", points=3, after=test_canon_single)
def test_canon_v1(same, words):
    """Where version 2 has no name, version 1 has it, with a prefix on demand."""
    one, two = words(2)
    prefix = {"add_prefix_to_v1_names": True}
    for options in ({}, prefix):
        same(probes.canonical, v2=[], v1=[one], name="the canonical name", **options)
        same(probes.canonical, v2=[], v1=[one, two], deprecated=[one], name="the canonical name", **options)
    same(probes.canonical, v2=[one], v1=[two], name="the canonical name", **prefix)


@check("names", points=2)
def test_deprecate(same, words):
    """`deprecate` adds to the deprecated names of this very symbol, and returns it."""
    one, two, three = words(3)
    same(probes.deprecated, first=[one, two], second=[three], name="the outcome")
    same(probes.deprecated_subclass, first=[one], second=[two], name="the outcome")


@check("names", points=1, after=test_names_stamped)
def test_versions(candidate):
    """There are versions 1 and 2, and no other."""
    for version in (0, 3):
        candidate.raises(ValueError, probes.names_of_version, version=version)
