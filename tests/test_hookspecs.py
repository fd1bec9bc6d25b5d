"""Every hook is used, and says what it promises. That its page has its real arguments: tests/docs/test_hooks.py."""

import ast
import inspect

import pytest

from docs.reference.hooks import hooks, plugins_of_ours, stages
from grader import hookspecs
from grader.manager import DEFAULT_PLUGINS


@pytest.fixture(scope="module")
def plugins():
    """Return the default plugins and the display of `grader run`."""
    return plugins_of_ours()


def test_every_default_plugin_is_there_and_answers_a_hook(plugins):
    idle = [name for name in DEFAULT_PLUGINS if not plugins.get_hookcallers(plugins.get_plugin(name))]
    assert idle == []


@pytest.mark.parametrize("name", hooks())
def test_a_hook_exists_because_a_plugin_of_ours_uses_it(plugins, name):
    assert getattr(plugins.hook, name).get_hookimpls() != []


@pytest.mark.parametrize("name", hooks())
def test_a_hook_says_when_it_is_asked_and_what_it_may_answer(name):
    documented = inspect.getdoc(getattr(hookspecs, name)) or ""
    answer = hooks()[name].returns
    if answer is not None and ast.unparse(answer) != "None" and not name.endswith("_kinds"):
        assert "Asked:" in documented
        assert "Answer:" in documented
    assert documented.splitlines()[0].endswith(".")


def test_every_hook_stands_under_the_banner_of_its_stage():
    assert list(stages().values()) == ["discover", "load", "run", "score", "report", "beside a run"]
    assert all(node.lineno > min(stages()) for node in hooks().values())
