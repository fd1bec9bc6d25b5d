"""What the referee hears from a keeper, whatever student code makes it say."""

from __future__ import annotations

import itertools
import os
import resource
import select
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from grader.referee import entry as entries
from grader.referee.entry import MOST_HEARD, MOST_KEPT, Entry
from grader.wire.entry import ENDED, Entered
from grader.wire.linux import allow_many_descriptors

LOADER, KEEPER, HOLDER, CANDIDATE, OTHER = 11, 12, 13, 14, 15


class Endless:
    """A control socket on which there is always another end to hear of."""

    def __init__(self, pids: Iterator[int]) -> None:
        self.pids = pids
        self.heard = 0

    def recv(self, _: int) -> bytes:
        self.heard += 1
        assert self.heard < 20 * MOST_HEARD, "it never stops"
        return ENDED.pack(next(self.pids), 0, 0.0, 0)


@pytest.fixture
def entry() -> Entry:
    made = Entry.__new__(Entry)
    made.holder = SimpleNamespace(pid=HOLDER)
    made.ended = {}
    made.lost = False
    made.about = Entered(KEEPER, LOADER, 0)
    return made


@pytest.fixture
def always_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = SimpleNamespace(select=lambda read, *_: (read, [], []))
    monkeypatch.setattr(entries, "select", ready)


@pytest.mark.usefixtures("always_readable")
def test_children_that_end_without_end_do_not_hold_it(entry):
    entry.control = Endless(itertools.count(100))
    entry.hear()
    assert entry.control.heard == MOST_HEARD


@pytest.mark.usefixtures("always_readable")
def test_it_remembers_a_bounded_number_and_always_the_loader(entry):
    entry.control = Endless(itertools.chain([LOADER], itertools.count(100)))
    for _ in range(10):
        entry.hear()
    assert len(entry.ended) <= MOST_KEPT
    assert entry.gone


FAMILIES = [
    pytest.param({KEEPER: [LOADER]}, False, id="the loader alone"),
    pytest.param({KEEPER: [LOADER, CANDIDATE]}, False, id="the candidate in question"),
    pytest.param({KEEPER: [LOADER, CANDIDATE, OTHER]}, True, id="a sibling"),
    pytest.param({KEEPER: [LOADER, CANDIDATE], CANDIDATE: [OTHER]}, True, id="a child of the candidate"),
    pytest.param({KEEPER: [LOADER], LOADER: [OTHER]}, True, id="a child of the loader"),
    pytest.param({KEEPER: [LOADER], HOLDER: [OTHER]}, True, id="an orphan"),
    pytest.param({}, True, id="not even a loader"),
]


@pytest.mark.parametrize(("family", "strays"), FAMILIES)
def test_what_a_candidate_left_is_told_from_the_tree(entry, monkeypatch, family, strays):
    monkeypatch.setattr(entries, "children", lambda pid: family.get(pid, []))
    assert entry.strays(CANDIDATE) is strays


def test_a_process_that_moves_while_it_looks_is_seen(entry, monkeypatch):
    """A process can move from the keeper's children to pid 1's, when its parent ends, and never back."""
    family = {KEEPER: [LOADER, OTHER], HOLDER: []}

    def children(pid: int) -> list[int]:
        found = family.get(pid, [])
        family.update({KEEPER: [LOADER], HOLDER: [OTHER]})
        return found

    monkeypatch.setattr(entries, "children", children)
    assert entry.strays()


# ---- descriptors under way ---------------------------------------------------------------------------------------


def as_somebody(work: Callable[[], object]) -> bool:
    """Whether this works in a process that has no privilege."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setresuid(70_003, 70_003, 70_003)
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def passes_one_while_others_are_under_way(prepare: Callable[[], object]) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, 4096))
    kept = [socket.socketpair() for _ in range(2)]
    for one, _ in kept:
        socket.send_fds(one, [b"x"], [0] * 100)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 4096))
    prepare()
    one, other = socket.socketpair()
    socket.send_fds(one, [b"x"], [0])
    assert select.select([other], [], [], 0)[0]


def test_descriptors_can_be_passed_while_many_of_the_same_user_are_under_way():
    assert not as_somebody(lambda: passes_one_while_others_are_under_way(lambda: None))
    assert as_somebody(lambda: passes_one_while_others_are_under_way(allow_many_descriptors))
