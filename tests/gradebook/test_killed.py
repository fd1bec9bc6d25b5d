"""A grader that is killed at any instant loses no attempt that it has acknowledged, and stores none twice."""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from grader.gradebook import open_gradebook

RECORDER = Path(__file__).with_name("recorder.py")
CLASS = 200


def start(where, students=range(CLASS)):
    command = [sys.executable, str(RECORDER), str(where), *map(str, students)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def from_here(first):
    """The whole class, beginning with another student each time: so each run finds new ones at once."""
    return [(first + number) % CLASS for number in range(CLASS)]


def acknowledged(lines):
    """What was told in whole lines, as {student: attempt}."""
    return dict(line.split() for line in lines if line.endswith("\n"))


def killed_after(where, count, first=0):
    """Kill the recorder when it has acknowledged so many; return all that it acknowledged."""
    with start(where, from_here(first)) as process:
        lines = [process.stdout.readline() for _ in range(count)]
        process.kill()
        return acknowledged(lines + process.stdout.readlines())


def killed_in_the_middle(where, delay, first=0):
    """Kill the recorder so many seconds after its first attempt, wherever it then is."""
    with start(where, from_here(first)) as process:
        lines = [process.stdout.readline()]
        time.sleep(delay)
        process.kill()
        return acknowledged(lines + process.stdout.readlines())


def killed_at_birth(where, delay, first=0):
    with start(where, from_here(first)) as process:
        time.sleep(delay)
        process.kill()
        return acknowledged(process.stdout.readlines())


def finished(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return acknowledged(out.splitlines(keepends=True))


def stored(where):
    with open_gradebook(where) as gradebook:
        found = gradebook.attempts(latest=False)
    assert len({attempt.report.student for attempt in found}) == len(found), "an attempt is there twice"
    return {attempt.report.student: str(attempt.id) for attempt in found}


def intact(file):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def whole(where):
    """Every attempt has its result and its files: no half of a transaction is there."""
    with open_gradebook(where) as gradebook:
        found = gradebook.attempts(latest=False)
        results = gradebook.results(attempt.key for attempt in found)
        files = {digest: gradebook.files(digest) for digest in {attempt.report.digest for attempt in found}}
    return all(attempt.key in results and files[attempt.report.digest] is not None for attempt in found)


def instants():
    """Sixteen ways to be killed, the same in every run of the tests."""
    draw = random.Random(20250301)
    yield from ((killed_at_birth, draw.uniform(0.2, 0.6)) for _ in range(3))
    yield from ((killed_after, draw.randrange(1, 25)) for _ in range(7))
    yield from ((killed_in_the_middle, draw.uniform(0, 0.05)) for _ in range(6))


def test_killed_again_and_again_loses_nothing_and_stores_nothing_twice(file):
    told = {}
    for number, (kill, when) in enumerate(instants()):
        told |= kill(file, when, first=12 * number)
        if file.exists():
            assert intact(file), (kill, when)
            assert told.items() <= stored(file).items(), (kill, when)
            assert whole(file), (kill, when)
    assert told, "no kill came late enough to show anything"
    again = finished(start(file))
    assert told.items() <= again.items(), "an attempt has changed its number"
    assert stored(file) == again
    assert len(again) == CLASS
    assert intact(file)
    assert whole(file)


def test_killed_on_postgresql_loses_nothing_either(postgres):
    told = {}
    for count in (1, 17, 90):
        told |= killed_after(postgres, count, first=count)
        assert told.items() <= stored(postgres).items()
    again = finished(start(postgres))
    assert told.items() <= again.items()
    assert stored(postgres) == again
    assert len(again) == CLASS
    assert whole(postgres)


def test_four_that_write_at_once_each_find_all_of_theirs(where):
    """They also create the gradebook at once."""
    writers = [start(where, range(first, first + 50)) for first in range(0, 200, 50)]
    told = {}
    for writer in writers:
        told |= finished(writer)
    assert stored(where) == told
    assert len(told) == 200
    assert whole(where)


def test_four_that_write_the_same_write_it_once(where):
    told = [finished(writer) for writer in [start(where, range(50)) for _ in range(4)]]
    assert told[0] == told[1] == told[2] == told[3]
    assert stored(where) == told[0]


def test_four_without_a_log_write_at_once(file):
    """As on a network file system, where SQLite has to lock the whole file."""
    where = f"sqlite:///file:{file}?vfs=unix-dotfile&uri=true"
    told = {}
    for writer in [start(where, range(first, first + 10)) for first in range(0, 40, 10)]:
        told |= finished(writer)
    assert stored(where) == told
    assert len(told) == 40
    assert intact(file)
