"""Which functions of a solution have run."""

import os

import pytest

from grader.proving.mutants.trace import Trace

SOURCE = '''
from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Point:
    x: int

    @property
    def twice(self):
        """Twice x."""
        return double(self.x)


def double(x):
    def inner():
        return x

    return 2 * inner()


def unused():
    """Says nothing."""


ONE = double(1)
'''


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "solution.py"
    path.write_text(SOURCE)
    return Trace(path)


def test_functions_have_the_names_of_where_they_are_and_what_is_nested_is_theirs(trace):
    assert trace.functions == ("Point.twice", "double", "unused")


def test_what_runs_at_import_is_noted(trace):
    assert trace.taken() == {"double"}


def test_what_runs_in_a_fork_is_noted_once(trace):
    trace.taken()
    pid = os.fork()
    if pid == 0:
        try:
            assert trace.module.Point(3).twice == 6
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert trace.taken() == {"Point.twice", "double"}
    assert trace.taken() == frozenset()


def test_the_module_is_what_it_was(trace):
    assert (trace.module.ONE, trace.module.Point.twice.__doc__) == (2, "Twice x.")
