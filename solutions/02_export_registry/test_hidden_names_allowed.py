"""Part 2: which names an export accepts. Its rules are seen when the decorator is made."""

import probes
import pytest

from grader.checks import check

VALID = ["{0}", "{0}.{1}", ".".join(["{0}"] * 20), "_{0}", "{0}9.π_{1}", "{0}.print", "{0}.match"]
INVALID = ["", ".", "{0}.", ".{0}", "{0}..{1}", "9{0}", "{0}.9", "{0}-{1}", "{0} ", "class", "{0}.None", "{0}.for.{1}"]


@check("export", points=3, after="test_stamps")
def test_names_valid(same, words):
    """A name is made of Python's own, with dots between them, and no keyword; there is one at least."""
    one, two = words(2)
    names = [name.format(one, two) for name in VALID + INVALID]
    same(probes.allowed, api_name="tensorflow", names=names, name="the verdict")
    for v1 in ([], None, [one]):
        same(probes.nameless, v1=v1, name="the verdict on no name")
    for v1 in ([two, f"{one}."], [two]):
        same(probes.allowed_in_v1, names=[one], v1=v1, name="the verdict on v1")


@check("export", points=2, after="test_stamps")
@pytest.mark.parametrize("api_name", ["tensorflow", "keras"])
def test_prefix_ok(same, words, api_name):
    """What is in its own place is accepted, and what only begins like another's."""
    one, two = words(2)
    names = {
        "tensorflow": [one, f"kerasy.{one}", f"keras_{one}", f"estimators.{two}", f"{one}.keras", f"{one}.keras.{two}"],
        "keras": ["keras", f"keras.{one}", f"keras.{one}.{two}", "keras.keras"],
    }[api_name]
    same(probes.allowed, api_name=api_name, names=names, name="the verdict")


@check("export", points=2, after="test_stamps")
@pytest.mark.parametrize("api_name", ["tensorflow", "keras", "another"])
def test_prefix_bad(same, words, api_name):
    """What is in the place of another API is refused, in v1 too."""
    one, two = words(2)
    names = {
        "tensorflow": ["keras", f"keras.{one}", "estimator", f"estimator.{one}.{two}"],
        "keras": [one, f"kerasy.{one}", f"keras_{one}", f"{one}.keras", f"estimator.{two}"],
        two: [one, f"keras.{one}", f"{two}{one}", f"{one}.{two}"],
    }
    api_name = two if api_name == "another" else api_name
    same(probes.allowed, api_name=api_name, names=names[api_name], name="the verdict")
    same(probes.allowed_in_v1, names=[one], v1=[two, f"keras.{one}"], name="the verdict on v1")
