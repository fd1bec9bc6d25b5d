"""A student's code tries to get its inputs into the report, by each way on which words of its own come out."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec
import pytest

import grader_bwrap
from grader.model import CheckResult, Outcome, Report, Status
from grader.referee.entry import Entry
from grader.referee.submission import Referee, suite_and_checks
from grader.referee.task import Task
from grader.schema import Feedback
from grader.teaching.levels import for_student
from grader.work import Verdict
from tests.referee.tiny import a_course, in_session
from tests.referee.warm import LIMITS

pytest_plugins = ["tests.referee.warm"]

SECRET = "swordfish"  # sent as the codes of its letters, so that no look for the hidden values finds the word
CHECKS = f'''
@check("double", points=50)
def test_first(same):
    """First."""
    same("double", T({list(SECRET.encode())}))

@check("double", points=50)
def test_second(same):
    """Second."""
    same("double", T({list(SECRET.encode())}))
'''
WAYS = {
    "an exception's message": "raise ValueError(x)",
    "a message that an interpreter's error carries": "raise TypeError(x)",
    "the name of a class": "raise type('x' + x + 'x', (ValueError,), {})()",
    "the names of its bases": "raise type('A', (type('x' + x + 'x', (ValueError,), {}),), {})()",
    "the name of a file": "exec(compile('1 / 0', __file__.rpartition('/')[0] + '/' + x + '.py', 'exec'))",
    "the name of a cell": "exec(compile('raise ValueError', 'cell ' + x, 'exec'))",
    "a name that is missing": "import sys\n    raise AttributeError(name='x' + x + 'x', obj=sys.modules['tiny'])",
    "the type of what a name is bound to": (
        "import tiny\n    tiny.double = type('x' + x + 'x', (), {})()\n    raise TypeError('not callable')"
    ),
    "a type that cannot be sent": "return type('x' + x + 'x', (), {})()",
    "a key on the way to what cannot be sent": "return {'x' + x + 'x': object()}",
    "a name that is ruled out": (
        "from grader.wire.answer import ForbiddenCall\n    raise ForbiddenCall('x' + x + 'x')"
    ),
    "what a call prints": "print(x, flush=True)\n    raise ValueError",
    "what a child prints when the module is loaded again": (
        "import os\n    open('/tmp/kept', 'w').write(x)\n    os.kill(os.getppid(), 9)"
    ),
    "notes of a notebook": "import tiny\n    tiny.__grader_notes__ = (x,)\n    raise ValueError",
}
AT_IMPORT = "import os\nif os.path.exists('/tmp/kept'):\n    print(open('/tmp/kept').read())\n"


STUDENTS_FAULT = {Outcome.ERROR, Outcome.FAILED, Outcome.FORBIDDEN, Outcome.NOT_ATTEMPTED, Outcome.CRASHED}


@pytest.fixture(scope="module")
def solution(tmp_path_factory) -> Path:
    return a_course(tmp_path_factory.mktemp("channels"), CHECKS)


def verdict(solution: Path, zygote: socket.socket, body: str) -> Verdict:
    source = f"{AT_IMPORT}def double(x):\n    x = bytes(x.tolist()).decode()\n    {body}\n"

    def work(session: pytest.Session) -> Verdict:
        suite, checks = suite_and_checks(session.items)

        def enter(_limits: object) -> Entry:
            return Entry(zygote, LIMITS, grader_bwrap.hold(LIMITS))

        files = {"tiny.py": source.encode()}
        task = Task("key", files, "tiny.py", b"a seed", only="", language="en")
        return Referee(suite, checks, session.items, enter).verdict(task)

    made: Verdict = in_session(solution, work)
    assert made.status is Status.GRADED, made.reason
    return made


def what_the_student_reads(made: Verdict, level: Feedback = "hints") -> str:
    report = Report(
        "ada", "ada.py", made.status, 0, 0, 100, notes=made.notes, checks=made.checks, output=made.output,
        reason=made.reason,
    )  # fmt: skip
    return msgspec.json.encode(for_student(report, level)).decode()


@pytest.mark.parametrize("way", WAYS)
def test_no_input_comes_out_by(solution, zygote, way):
    made = verdict(solution, zygote, WAYS[way])
    assert {result.outcome for result in made.checks} <= STUDENTS_FAULT
    assert SECRET not in what_the_student_reads(made)


def test_the_words_of_a_library_can_be_forged_are_cut_and_are_hints(solution, zygote):
    forged = "import torch\n    torch.device((x + ' ') * 100)"
    made = verdict(solution, zygote, forged)
    assert SECRET in first(made).message
    assert len(first(made).message) < 300
    assert SECRET not in what_the_student_reads(made, "titles")


def first(made: Verdict) -> CheckResult:
    return made.checks[0]


def test_an_honest_fault_still_says_what_and_where(solution, zygote):
    honest = "def helper(y):\n        raise KeyError(y)\n    helper(x)"
    assert first(verdict(solution, zygote, honest)).message == "KeyError at tiny.py, line 7"


def test_a_class_of_the_students_own_keeps_its_name(solution, zygote):
    honest = "class Diverged(Exception):\n        pass\n    raise Diverged"
    assert first(verdict(solution, zygote, honest)).message == "Diverged at tiny.py, line 8"
