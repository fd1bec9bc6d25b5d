"""What a stand-in answers, to code that was written for the library itself."""

import copy

import pytest

from grader.intake.inside.standins import BARS, Silent, SilentModule, Submodules


@pytest.fixture
def plt():
    return Silent()


def test_whatever_is_asked_of_it_is_swallowed(plt):
    plt.rcParams["font.size"] = 12
    plt.rcParams.update({"figure.dpi": 100})
    plt.figure(figsize=(3, 4)).add_subplot(1, 2, 1).plot([1], [2], "r--", label="x").anything = 3
    with plt.style.context("ggplot") as style:
        assert isinstance(style.x[3, "a":2], Silent)
    assert isinstance(2 * plt.cm.viridis(0.5) + 1 - plt, Silent)
    assert isinstance(copy.deepcopy(plt), Silent)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_it_gives_as_many_as_are_unpacked(plt, count):
    targets = ", ".join(f"a{i}" for i in range(count))
    names = {"plt": plt}
    exec(f"({targets},) = plt.subplots()", names)
    assert isinstance(names["a0"], Silent)


def test_nested_unpacking_is_answered_too(plt):
    fig, ((a, b), (c, d)) = plt.subplots(2, 2)
    assert {type(one) for one in (fig, a, b, c, d)} == {Silent}


def test_a_loop_over_it_ends_at_once(plt):
    assert list(plt.axes) == [one for one in plt.axes] == []  # noqa: C416
    assert len(plt) == 0
    assert plt


def test_a_decorator_gives_the_function_back(plt):
    @plt.interact
    def double(x):
        return 2 * x

    assert double(2) == 4


def test_it_may_stand_in_an_annotation(plt):
    def draw(ax: plt.Axes | None, other: list[plt.Axes]) -> plt.Figure:
        """Say nothing."""

    assert set(draw.__annotations__) == {"ax", "other", "return"}


def test_it_has_no_special_names_that_it_does_not_define(plt):
    for thing in (plt, SilentModule("plotly")):
        with pytest.raises(AttributeError):
            thing.__array__  # noqa: B018


def test_a_progress_bar_goes_through_what_it_was_given():
    bar = BARS["tqdm"]([1, 2], desc="x", leave=False)
    assert [*bar] == [*bar] == [1, 2]
    assert len(bar) == 2
    bar.set_postfix(loss=1)
    assert list(BARS["trange"](1, 4, desc="x")) == [1, 2, 3]
    with BARS["tqdm"](total=3) as empty:
        empty.update(1)
        assert list(empty) == []
    BARS["tqdm"].write("x")


def test_modules_within_it_are_found_and_others_are_not():
    finder = Submodules()
    finder.names.add("plotly")
    assert finder.find_spec("plotly.express") is not None
    assert finder.find_spec("plotlyx.express") is None
    assert finder.find_spec("torch") is None
