"""Who may import and do what, for every file of grader/ and plugins/. Each rule is shown to fail on a bad source."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGINS = {file.stem if file.is_file() else file.name for file in (ROOT / "plugins").glob("grader_*")}
BESIDE_STUDENT_CODE = {"torch", "numpy", "msgspec", "pyseccomp"}
RUNS_CODE = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
LOADERS = {"torch.load", "torch.jit.load", "numpy.load", "np.load", "torch.hub.load"}
CALLERS = {"grader.pipeline", "grader.run", "grader.checking.student"}  # the last is a student's own run
NAMELESS = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc", "handler", "processor", "manager2"}
GODS = {"app", "config", "context", "state"}
SECRETS = {"grader.secret", "grader.gradebook", "grader.ledger"}
MOST_LINES = 300
DISPLAYS = {"grader.cli.run", "grader.cli.redteam"}  # they make the display of their run
HOSTILE = ROOT / "grader" / "redteam" / "corpus"  # text that no process of ours imports


class Module:
    """A module of ours: its dotted name and its syntax tree."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.tree = ast.parse(source)

    def within(self, *packages: str) -> bool:
        return any(self.name == package or self.name.startswith(f"{package}.") for package in packages)

    def imports(self) -> Iterator[str]:
        """Yield every imported dotted name, also inside functions and under TYPE_CHECKING."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                yield from (f"{module}.{alias.name}" for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        above = self.name.split(".")[: -node.level]
        return ".".join([*above, node.module or ""]).rstrip(".")

    def attributes(self) -> Iterator[str]:
        """Yield every dotted expression, such as `os.environ.update`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield ast.unparse(node)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def under(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def foreign(module: Module, ours: set[str], others: set[str]) -> list[str]:
    """Return the imports from elsewhere than these packages of ours, these others and the standard library."""
    allowed = others | set(sys.stdlib_module_names)
    return [name for name in module.imports() if not under(name, ours) and name.split(".")[0] not in allowed]


# ---- the rules -------------------------------------------------------------------------------------------------


def the_candidate_imports_only_what_may_run_beside_students(module: Module) -> list[str]:
    if not module.within("grader.candidate"):
        return []
    ours = {"grader.candidate", "grader.wire", "grader.ranks", "grader.probing"}
    return foreign(module, ours, BESIDE_STUDENT_CODE)


def ranks_import_the_wire_and_probing(module: Module) -> list[str]:
    if not module.within("grader.ranks"):
        return []
    ours = {"grader.ranks", "grader.wire", "grader.probing", "grader.errors"}
    return foreign(module, ours, BESIDE_STUDENT_CODE)


def probing_imports_nothing_of_ours_but_errors(module: Module) -> list[str]:
    if not module.within("grader.probing"):
        return []
    return foreign(module, {"grader.probing", "grader.errors"}, BESIDE_STUDENT_CODE)


def the_wire_imports_nothing_of_ours_but_errors(module: Module) -> list[str]:
    if not module.within("grader.wire"):
        return []
    return foreign(module, {"grader.wire", "grader.errors"}, BESIDE_STUDENT_CODE)


def errors_import_nothing(module: Module) -> list[str]:
    return foreign(module, set(), set()) if module.within("grader.errors") else []


def the_referee_never_imports_the_other_side_nor_the_command_line(module: Module) -> list[str]:
    if not module.within("grader.referee"):
        return []
    return [name for name in module.imports() if under(name, {"grader.candidate", "grader.cli", *PLUGINS})]


def only_the_candidates_own_package_imports_it(module: Module) -> list[str]:
    if module.within("grader.candidate"):
        return []
    return [name for name in module.imports() if under(name, {"grader.candidate"})]


def the_grader_imports_no_plugin(module: Module) -> list[str]:
    if not module.within("grader") or module.name in DISPLAYS:
        return []
    return [name for name in module.imports() if under(name, PLUGINS)]


def only_the_pipeline_asks_plugins(module: Module) -> list[str]:
    if module.name in CALLERS or module.within("grader.cli"):
        return []
    return [text for text in module.attributes() if "hook.grader_" in text]


def nothing_that_can_run_code_is_read(module: Module) -> list[str]:
    allowed = {"torch.load"} if module.name == "grader.wire.warm" else set()  # what it has itself just saved
    return [
        *(name for name in module.imports() if name.split(".")[0] in RUNS_CODE or name in LOADERS),
        *(text for text in module.attributes() if text in LOADERS - allowed or text.endswith(".allow_pickle")),
        *(node.arg for node in ast.walk(module.tree) if isinstance(node, ast.keyword) and node.arg == "allow_pickle"),
    ]


def secrets_have_few_readers(module: Module) -> list[str]:
    if module.within("grader.cli", "grader.pipeline", "grader.run", "grader.course", "grader.redteam.raid", *SECRETS):
        return []
    return [name for name in module.imports() if under(name, SECRETS) or name == "grader.course.course_secret"]


def the_environment_is_never_written_where_secrets_are(module: Module) -> list[str]:
    forks = ("grader.ranks.agent", "grader.ranks.rendezvous")  # that become torchrun, or a rank
    if module.within("grader.candidate", "grader.checking", "grader.redteam.canary", *forks):  # a student's; a decoy
        return []
    written = {"os.putenv", "os.environ.update", "os.environ.setdefault", "os.environ.__setitem__"}
    targets = [
        target
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete)
        for target in getattr(node, "targets", None) or [node.target]  # type: ignore[union-attr]
    ]
    assigned = [ast.unparse(target) for target in targets if ast.unparse(target).startswith("os.environ")]
    patched = [
        ast.unparse(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and "os.environ" in map(ast.unparse, node.args)
    ]
    return [*assigned, *patched, *(text for text in module.attributes() if text in written)]


def a_file_is_one_thing(module: Module) -> list[str]:
    lines = len(module.source.splitlines())
    return [f"{lines} lines"] if lines > MOST_LINES else []


def a_module_is_named_for_what_it_is(module: Module) -> list[str]:
    return [word for word in module.name.split(".") if word in NAMELESS]


def no_parameter_reaches_everything(module: Module) -> list[str]:
    return [
        f"{function.name}({argument.arg})"
        for function in module.functions()
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if argument.arg in GODS and "pytest." not in ast.unparse(argument)  # pytest gives its own that name
    ]


RULES: dict[Callable[[Module], list[str]], list[tuple[str, str]]] = {
    the_candidate_imports_only_what_may_run_beside_students: [
        ("grader.candidate.x", "import grader.model"),
        ("grader.candidate.x", "from grader.errors import GraderError"),
        ("grader.candidate.x", "def f():\n    from grader import checks"),
        ("grader.candidate.x", "from .. import model"),
        ("grader.candidate.x", "import pytest"),
        ("grader.candidate", "import grader_bwrap"),
    ],
    the_wire_imports_nothing_of_ours_but_errors: [
        ("grader.wire.x", "from grader.model import Limits"),
        ("grader.wire.x", "import sqlalchemy"),
    ],
    ranks_import_the_wire_and_probing: [
        ("grader.ranks.x", "from grader.candidate import loader"),
        ("grader.ranks.x", "from grader.referee import judge"),
    ],
    probing_imports_nothing_of_ours_but_errors: [
        ("grader.probing.x", "from grader.wire import protocol"),
        ("grader.probing.x", "import pytest"),
    ],
    errors_import_nothing: [("grader.errors", "import grader.model"), ("grader.errors", "import rich")],
    the_referee_never_imports_the_other_side_nor_the_command_line: [
        ("grader.referee.x", "from grader.candidate import loader"),
        ("grader.referee.x", "from grader.cli.run import cores"),
        ("grader.referee.x", "import grader_late"),
    ],
    only_the_candidates_own_package_imports_it: [("grader_local", "from grader.candidate import zygote")],
    the_grader_imports_no_plugin: [("grader.pipeline", "from grader_late import Lateness")],
    only_the_pipeline_asks_plugins: [
        ("grader.ledger", "manager.hook.grader_load()"),
        ("grader_late", "def f(hook):\n    return hook.grader_doctor()"),
    ],
    nothing_that_can_run_code_is_read: [
        ("grader.x", "import pickle"),
        ("grader.x", "from marshal import loads"),
        ("grader_x", "def f():\n    import shelve"),
        ("grader.x", "torch.load('x')"),
        ("grader.x", "from torch import load"),
        ("grader.wire.warm", "import pickle"),
        ("grader.x", "numpy.load('x')"),
        ("grader.x", "read('x', allow_pickle=True)"),
    ],
    secrets_have_few_readers: [
        ("grader.referee.x", "from grader.secret import course_secret"),
        ("grader_x", "from grader.gradebook import Gradebook"),
        ("grader_x", "from grader.course import course_secret"),
    ],
    the_environment_is_never_written_where_secrets_are: [
        ("grader.ledger", "os.environ['SEED'] = seed"),
        ("grader.ledger", "os.environ.update(SEED=seed)"),
        ("grader.ledger", "os.putenv('SEED', seed)"),
        ("grader_x", "mock.patch.dict(os.environ, {'SEED': seed})"),
        ("grader.referee.x", "del os.environ['HOME']"),
    ],
    a_file_is_one_thing: [("grader.x", "pass\n" * 301)],
    a_module_is_named_for_what_it_is: [("grader.utils", ""), ("grader.core.x", ""), ("helpers", "")],
    no_parameter_reaches_everything: [
        ("grader.x", "def f(config): ..."),
        ("grader.x", "class A:\n    def f(self, *, context: Any): ..."),
    ],
}


def ours() -> list[Module]:
    files = [*(ROOT / "grader").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    own = sorted(file for file in files if HOSTILE not in file.parents)
    return [Module(_name(file), file.read_text(encoding="utf-8")) for file in own]


def _name(file: Path) -> str:
    inside = file.relative_to(ROOT / "plugins" if ROOT / "plugins" in file.parents else ROOT).with_suffix("")
    return ".".join(part for part in inside.parts if part != "__init__")


MODULES = ours()


def test_there_is_something_to_examine():
    names = {module.name for module in MODULES}
    assert {"grader.candidate", "grader.wire.frames", "grader.pipeline", "grader_late", "grader_html.pages"} <= names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule):
    assert {module.name: said for module in MODULES if (said := rule(module))} == {}


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [(rule, *bad) for rule, all_bad in RULES.items() for bad in all_bad],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_rule_can_fail(rule, name, source):
    assert rule(Module(name, source)) != []


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (
            the_candidate_imports_only_what_may_run_beside_students,
            "grader.candidate.x",
            "from grader.wire import frames",
        ),
        (
            the_candidate_imports_only_what_may_run_beside_students,
            "grader.candidate.x",
            "import os, torch.optim",
        ),
        (
            the_candidate_imports_only_what_may_run_beside_students,
            "grader.pipeline",
            "import grader.model",
        ),
        (errors_import_nothing, "grader.errors", "from __future__ import annotations"),
        (no_parameter_reaches_everything, "grader.referee.x", "def pytest_configure(config: pytest.Config): ..."),
        (nothing_that_can_run_code_is_read, "grader.x", "json.load(file)"),
        (the_environment_is_never_written_where_secrets_are, "grader.x", "where = os.environ['HOME']"),
    ],
)
def test_a_rule_lets_through_what_is_meant(rule, name, source):
    assert rule(Module(name, source)) == []
