"""The public checks of assignment 2: the examples of README.md. They earn no points."""

import functools
import json
import subprocess
import sys
from types import ModuleType

import pytest
from api_registry import (
    ApiExport,
    InvalidSymbolNameError,
    Partial,
    SymbolAlreadyExposedError,
    collect_api,
    deprecate,
    get_canonical_name,
    get_names,
    make_decorator,
    render_package,
    unwrap,
)


def tf_export(*names, **options):
    """Make a decorator, as the article's partial does."""
    return ApiExport(*names, api_name="tensorflow", **options)


def stamped(symbol, names, v1=()):
    """Stamp names as part 2 does, without it."""
    symbol._tensorflow_api_names, symbol._tensorflow_api_names_v1 = tuple(names), tuple(v1)
    return symbol


def a_relu():
    """Return a new function, that nothing was stamped on."""

    def relu(x):
        return max(x, 0)

    return relu


# ---- part 2, with the article's example first ------------------------------------------------------------------


def test_export_of_a_function():
    """The article's example: the names are on the function, and it is the same function."""
    relu = a_relu()
    exported = tf_export("nn.relu", "relu")(relu)
    assert exported is relu, "the decorator returns the very function that it was given"
    assert relu(-3) == 0
    assert vars(relu).get("_tensorflow_api_names") == ("nn.relu", "relu"), f"the function has {vars(relu)}"
    assert vars(relu).get("_tensorflow_api_names_v1") == ("nn.relu", "relu"), "without v1, the names are the same"


@pytest.mark.parametrize(("v1", "wanted"), [(["relu"], ("relu",)), ([], ())], ids=["v1=['relu']", "v1=[]"])
def test_export_for_version_1(v1, wanted):
    """v1 has names of its own."""
    relu = tf_export("nn.relu", v1=v1)(a_relu())
    assert relu._tensorflow_api_names_v1 == wanted


@pytest.mark.parametrize(
    ("api_name", "allowed"),
    [("tensorflow", ["kerasy.relu", "nn.keras", "nn.π"]), ("keras", ["keras", "keras.relu"])],
)
def test_export_allows(api_name, allowed):
    """Names that an API may export."""
    for name in allowed:
        ApiExport(name, api_name=api_name)


@pytest.mark.parametrize(
    ("api_name", "refused"),
    [
        ("tensorflow", ["keras", "keras.relu", "nn..relu", "9.relu", "nn.class"]),
        ("keras", ["kerasy.relu", "nn.keras"]),
    ],
)
def test_export_refuses(api_name, refused):
    """Names that an API may not export are refused when the decorator is made."""
    for name in refused:
        with pytest.raises(InvalidSymbolNameError):
            ApiExport(name, api_name=api_name)


def test_export_twice_is_refused():
    """A second export raises and changes nothing; with allow_multiple_exports it replaces."""
    relu = tf_export("relu")(a_relu())
    with pytest.raises(SymbolAlreadyExposedError):
        tf_export("other")(relu)
    assert relu._tensorflow_api_names == ("relu",)
    tf_export("other", allow_multiple_exports=True)(relu)
    assert relu._tensorflow_api_names == ("other",)


def test_export_of_len_is_a_type_error():
    """On a builtin nothing can be stamped."""
    export = tf_export("length")
    with pytest.raises(TypeError):
        export(len)


def test_export_constant_records_where_it_is(monkeypatch):
    """A constant's names are recorded with its attribute."""
    module = ModuleType("impl_math")
    monkeypatch.setitem(sys.modules, "impl_math", module)
    tf_export("pi").export_constant("impl_math", "PI")
    recorded = [(tuple(names), attr) for names, attr in module._tensorflow_api_constants]
    assert recorded == [(("pi",), "PI")]


# ---- part 1 ----------------------------------------------------------------------------------------------------


def test_partial_calls():
    """Stored arguments come first, and the call's keyword wins."""
    assert Partial(pow, 2)(10) == 1024, "100: the call's argument came first"
    assert Partial(int, base=2)("101") == 5
    assert Partial(int, base=2)("101", base=10) == 101, "5: the stored keyword won"
    assert Partial(dict, self=1)(func=2) == {"self": 1, "func": 2}


def test_partial_of_a_partial_is_one():
    """A Partial of a Partial is merged, as functools.partial is."""
    ours = Partial(Partial(print, 1, sep="-"), 2, end="")
    oracle = functools.partial(functools.partial(print, 1, sep="-"), 2, end="")
    assert (ours.func, ours.args, ours.keywords) == (oracle.func, oracle.args, oracle.keywords)


def test_partial_needs_a_callable():
    """What cannot be called is refused at once."""
    with pytest.raises(TypeError):
        Partial(3)


# ---- part 3 ----------------------------------------------------------------------------------------------------


def test_names_are_not_inherited():
    """A subclass and an instance have no names."""
    parent = stamped(type("A", (), {}), ["a"], ["a", "b"])
    assert get_names(parent) == ("a",)
    assert get_names(parent, version=1) == ("a", "b")
    assert get_names(type("B", (parent,), {})) == (), "B was not exported: who has the stamp?"
    assert get_names(parent()) == ()
    assert get_names(3) == ()


@pytest.mark.parametrize(
    ("v2", "v1", "deprecated", "canonical", "prefixed"),
    [
        (["nn.relu", "relu"], ["relu"], [], "nn.relu", "nn.relu"),
        (["nn.relu", "relu"], ["relu"], ["nn.relu"], "relu", "relu"),
        (["nn.relu"], ["relu"], ["nn.relu"], "nn.relu", "nn.relu"),
        ([], ["a", "b"], ["a"], "b", "compat.v1.b"),
        ([], [], [], None, None),
    ],
)
def test_names_canonical(v2, v1, deprecated, canonical, prefixed):
    """The canonical names of the handout's table."""
    relu = stamped(a_relu(), v2, v1)
    relu._deprecated_api_names = tuple(deprecated)
    assert get_canonical_name(relu) == canonical
    assert get_canonical_name(relu, add_prefix_to_v1_names=True) == prefixed


def test_names_deprecate_adds():
    """`deprecate` adds names, and returns the symbol."""
    relu = a_relu()
    assert deprecate(relu, "relu") is relu
    deprecate(relu, "nn.relu")
    assert relu._deprecated_api_names == ("relu", "nn.relu")


# ---- part 4 ----------------------------------------------------------------------------------------------------


def a_module(name, **attributes):
    """Return a module with these attributes."""
    module = ModuleType(name)
    vars(module).update(attributes)
    return module


def test_collect_finds_symbols_and_constants():
    """Names are sorted, and a constant has the value of now."""
    relu = stamped(a_relu(), ["relu", "nn.relu"])
    module = a_module("impl_ops", relu=relu, PI=3, _tensorflow_api_constants=[(("pi",), "PI")])
    module.PI = 3.14
    assert list(collect_api([module]).items()) == [("nn.relu", relu), ("pi", 3.14), ("relu", relu)]
    assert collect_api([]) == {}


def test_collect_refuses_two_objects_of_one_name():
    """Two objects under one name raise; one object in two modules does not."""
    one, other = stamped(a_relu(), ["relu"]), stamped(a_relu(), ["relu"])
    assert collect_api([a_module("a", f=one), a_module("b", g=one)]) == {"relu": one}
    with pytest.raises(SymbolAlreadyExposedError):
        collect_api([a_module("a", f=one), a_module("b", f=other)])


# ---- part 5 ----------------------------------------------------------------------------------------------------


def wrapped(target):
    """Return a wrapper."""

    @functools.wraps(target)
    def wrapper(*args):
        return target(*args)

    return wrapper


def test_unwrap_two_wrappers():
    """The wrappers come outermost first."""
    relu = a_relu()
    inner = wrapped(relu)
    outer = wrapped(inner)
    wrappers, target = unwrap(outer)
    assert (wrappers, target) == ([outer, inner], relu)
    assert unwrap(relu) == ([], relu)


def test_unwrap_export_stamps_the_innermost():
    """The names of a wrapped function are on the function."""
    relu = a_relu()
    outer = make_decorator(relu, lambda x: relu(x))
    assert outer.__name__ == "relu"
    assert tf_export("relu")(outer) is outer
    assert vars(relu).get("_tensorflow_api_names") == ("relu",)
    assert "_tensorflow_api_names" not in vars(outer)
    assert get_names(outer) == get_names(relu) == ("relu",)
    with pytest.raises(SymbolAlreadyExposedError):
        tf_export("again")(relu)


# ---- part 6 ----------------------------------------------------------------------------------------------------

QUESTIONS = """
import json, sys
sys.path.insert(0, sys.argv[1])
import api
before = "impl_ops" in sys.modules, hasattr(api, "__wrapped__"), "impl_ops" in sys.modules
import api.nn as N
print(json.dumps([before, N.softmax(), api.relu(), api.__all__, "relu" in vars(api)]))
"""


def test_package_is_lazy(tmp_path):
    """In a new Python, the package imports its target when it is first asked for it."""
    targets = {"relu": "impl_ops:relu", "nn.softmax": "impl_ops:soft_max"}
    files = render_package(targets, "api")
    assert files == render_package(dict(reversed(targets.items())), "api"), "another order gives another text"
    assert sorted(files) == ["api/__init__.py", "api/nn/__init__.py"]
    (tmp_path / "impl_ops.py").write_text("def relu(): return 'relu'\ndef soft_max(): return 'soft_max'\n")
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-c", QUESTIONS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not done.returncode, done.stderr.strip()
    before, softmax, relu, names, kept = json.loads(done.stdout)
    assert before == [False, False, False], "impl_ops was imported before anybody asked for what is in it"
    assert (softmax, relu) == ("soft_max", "relu")
    assert names == ["nn", "relu"], "__all__"
    assert kept, "after the first access, relu is in the package's globals"


@pytest.mark.parametrize("names", [["nn", "nn.softmax"], ["nn.class"]])
def test_package_refuses(names):
    """A target that is a package too, and what is no name, is refused."""
    targets = dict.fromkeys(names, "impl_ops:relu")
    with pytest.raises(InvalidSymbolNameError):
        render_package(targets, "api")
