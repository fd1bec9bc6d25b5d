from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from grader import manager
from grader.errors import PluginError
from grader.manager import asked_for, blamed, build_manager, of_course

ANSWER = """
from grader.hookspecs import hookimpl

@hookimpl
def grader_report_kinds():
    return {{"{kind}": "a kind"}}
"""


def a_plugin(folder: Path, name: str, text: str = "") -> Path:
    file = folder / f"{name}.py"
    file.write_text(text or ANSWER.format(kind=name))
    return file


def kinds(plugins) -> list[str]:
    """Return who answers, the first that is asked first."""
    return [kind for answer in plugins.hook.grader_report_kinds() for kind in answer]


@pytest.fixture
def importable(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
def installed(importable, monkeypatch):
    """An installed distribution with one plugin, under the name `stranger`."""
    a_plugin(importable, "stranger_plugin")
    point = EntryPoint("stranger", "stranger_plugin", "grader")
    monkeypatch.setattr(manager, "entry_points", lambda group: [point] if group == "grader" else [])
    return point


# ---- what is registered ----------------------------------------------------------------------------------------


def test_a_manager_is_fresh_each_time():
    one, two = (build_manager(defaults=["grader_late"], installed=False) for _ in range(2))
    one.unregister(name="grader_late")
    assert two.has_plugin("grader_late")


def test_the_courses_own_are_asked_first_then_the_installed_then_the_defaults(importable, installed):
    a_plugin(importable, "a_default")
    plugins = build_manager(defaults=["a_default"], extra=[a_plugin(importable, "own")])
    assert kinds(plugins) == ["own", "stranger_plugin", "a_default"]
    assert [name for name, _ in plugins.list_name_plugin()] == ["a_default", "stranger", "own"]


def test_an_installed_plugin_can_be_left_out(installed):
    assert not build_manager(defaults=[], installed=False).has_plugin("stranger")
    assert not build_manager(defaults=[], blocked=["stranger"]).has_plugin("stranger")


def test_a_blocked_default_is_not_registered():
    assert not build_manager(defaults=["grader_late"], blocked=["grader_late"], installed=False).has_plugin(
        "grader_late"
    )


def test_a_blocked_plugin_of_a_course_is_not_even_imported(tmp_path):
    file = a_plugin(tmp_path, "own", "raise RuntimeError")
    assert not build_manager(defaults=[], extra=[file], blocked=["own"], installed=False).has_plugin("own")


def test_asking_for_what_is_there_already_changes_nothing():
    plugins = build_manager(defaults=["grader_late"], extra=["grader_late"], installed=False)
    assert [name for name, _ in plugins.list_name_plugin()] == ["grader_late"]


def test_a_plugin_that_takes_settings_is_given_its_table(tmp_path):
    text = "def configured(settings): return settings['what']\n"
    plugins = build_manager(
        defaults=[], extra=[a_plugin(tmp_path, "own", text)], installed=False, settings={"own": {"what": Late}}
    )
    assert plugins.get_plugin("own") is Late


class Late:
    """Stands for what a plugin makes of its settings."""


@pytest.mark.parametrize(
    ("options", "extra", "blocked"),
    [
        ([], (), ()),
        (["a", "no:b", "c", "no:d"], ("a", "c"), ("b", "d")),
    ],
)
def test_p_adds_and_no_leaves_out(options, extra, blocked):
    assert asked_for(options) == (extra, blocked)


def test_a_courses_files_are_paths_and_its_names_stay_names(tmp_path):
    assert of_course(["house/rules.py", "our_plugin"], tmp_path) == (tmp_path / "house/rules.py", "our_plugin")


# ---- what is refused -------------------------------------------------------------------------------------------


def refused(**arguments) -> PluginError:
    with pytest.raises(PluginError) as caught:
        build_manager(**{"defaults": ["grader_late"], "installed": False, **arguments})
    return caught.value


def test_an_unknown_name_gets_the_nearest():
    error = refused(extra=["grader_lat"])
    assert (error.problem, error.step) == ("there is no plugin 'grader_lat'", "did you mean grader_late?")


def test_a_name_like_no_other_points_to_the_list():
    assert refused(extra=["zzz"]).step == "see grader plugins for those that there are"


def test_leaving_out_what_is_not_there_is_an_error():
    error = refused(blocked=["grader_latte"])
    assert error.problem == "no:grader_latte: there is no plugin 'grader_latte'"
    assert error.step == "did you mean grader_late?"


def test_settings_for_what_is_not_there_are_an_error():
    assert refused(settings={"grader_lame": {}}).problem == "settings.grader_lame: there is no plugin 'grader_lame'"


def test_settings_of_a_plugin_that_was_left_out_are_not_an_error():
    build_manager(
        defaults=["grader_late"], blocked=["grader_late"], installed=False, settings={"grader_late": {"a": 1}}
    )


def test_settings_for_a_plugin_that_takes_none_are_an_error(tmp_path):
    error = refused(extra=[a_plugin(tmp_path, "own")], settings={"own": {"a": 1}})
    assert (error.problem, error.step) == ("'own' takes no settings", "delete [settings.own]")


def test_a_courses_file_that_is_missing_is_named(tmp_path):
    assert refused(extra=[tmp_path / "gone.py"]).place == str(tmp_path / "gone.py")


def test_a_plugin_that_needs_what_is_not_installed_says_so(importable):
    a_plugin(importable, "needy", "import nonexistent_package\n")
    assert refused(extra=["needy"]).problem == "'needy' needs 'nonexistent_package', which is not installed"


def test_an_installed_plugin_that_cannot_be_loaded_is_named_with_a_way_out(importable, installed, monkeypatch):
    broken = EntryPoint("stranger", "stranger_plugin:nothing", "grader")
    monkeypatch.setattr(manager, "entry_points", lambda group: [broken])
    error = refused(installed=True)
    assert "'stranger' cannot be loaded" in error.problem
    assert "-p no:stranger" in str(error.step)


def test_a_misspelt_hook_is_an_error_with_the_nearest(tmp_path):
    text = ANSWER.format(kind="x").replace("report_kinds", "report_kind")
    error = refused(extra=[a_plugin(tmp_path, "own", text)])
    assert error.problem == "'own' answers 'grader_report_kind', which nobody asks"
    assert "grader_report_kinds" in str(error.step)
    assert str(error.place).endswith("own.py")


def test_an_argument_that_a_hook_does_not_have_is_an_error(tmp_path):
    text = ANSWER.format(kind="x").replace("report_kinds()", "report_kinds(language)")
    error = refused(extra=[a_plugin(tmp_path, "own", text)])
    assert "language" in error.problem
    assert str(error.place).endswith("own.py")


def test_a_plugin_that_breaks_on_import_keeps_its_traceback(tmp_path):
    with pytest.raises(ZeroDivisionError):
        build_manager(defaults=[], installed=False, extra=[a_plugin(tmp_path, "own", "1 / 0\n")])


# ---- blame -----------------------------------------------------------------------------------------------------


def caught(act) -> Exception:
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_what_a_plugin_raised_is_its_own(tmp_path):
    text = ANSWER.format(kind="x").replace("return", "1 / 0; return")
    plugins = build_manager(defaults=["grader_late"], installed=False, extra=[a_plugin(tmp_path, "own", text)])
    assert blamed(plugins, caught(plugins.hook.grader_report_kinds)) == "own"


def test_what_a_configured_plugin_raised_is_its_modules():
    plugins = build_manager(defaults=["grader_late"], installed=False)
    error = caught(lambda: plugins.hook.grader_adjust_score(assignment=None, submission=None, score=None))
    assert blamed(plugins, error) == "grader_late"


def test_what_no_plugin_raised_is_nobodys():
    plugins = build_manager(defaults=[], installed=False)
    assert blamed(plugins, caught(lambda: 1 / 0)) == "that was asked"


def test_a_plugin_may_be_made_of_several_modules(importable):
    package = importable / "several"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from grader.hookspecs import hookimpl\nfrom several.inner import f\n"
        "@hookimpl\ndef grader_report_kinds(): return f()\n"
    )
    (package / "inner.py").write_text("def f(): return {}['x']\n")
    plugins = build_manager(defaults=[], installed=False, extra=["several"])
    assert blamed(plugins, caught(plugins.hook.grader_report_kinds)) == "several"
