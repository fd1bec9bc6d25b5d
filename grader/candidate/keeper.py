"""Enters one sandbox, gives up everything, and forks its loader. It stays outside the pid namespace that its
children are inside, so that student code cannot name it; it tells the referee how each of them ended.

The order of the steps is the recipe's; each was found by trying. No student code ever runs in this process.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import tempfile
import time
from typing import NoReturn

from grader.candidate import fresh, loader
from grader.candidate.limits import Footprint, footprint, impose
from grader.wire.entry import ENDED, ENTERED, Terms
from grader.wire.linux import (
    ALL_NAMESPACES,
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    clear_capability_sets,
    die_with_parent,
    drop_capabilities,
    load_filter,
    prctl,
    setns,
)

CONTROL, WIRE, HOLDER = 3, 4, 5
INSIDE_ID = 1000
OUTPUT_FOLDER = "/output"
FOLDERS = ("/tmp", "/work", "/dev/shm", OUTPUT_FOLDER)
NICE = 5  # student code never comes before the referee


def keep(terms: Terms, descriptors: list[int], program: bytes) -> NoReturn:
    """Be the keeper of one sandbox until the referee closes the control socket; never returns."""
    try:
        _settle(descriptors)
        control = socket.socket(fileno=CONTROL)
        before = footprint()
        _enter(terms)
        _renounce(terms)
        output = _output_file()
        child = _fork_loader(terms, before, output, program)
        folders = [os.open(name, os.O_PATH) for name in FOLDERS if terms.confine]
        socket.send_fds(control, [ENTERED.pack(os.getpid(), child, before.anonymous)], [output, *folders])
        for descriptor in (WIRE, output, *folders):
            os.close(descriptor)
        _watch(control)
        if not terms.confine:
            _end_all()
    except BaseException as error:
        _complain(error)
    finally:
        os._exit(0)


def _settle(descriptors: list[int]) -> None:
    """Make the descriptors 3, 4 and 5, and the standard ones nothing; leave the terminal's session."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, 100 + number)
    for number in range(len(descriptors)):
        os.dup2(100 + number, CONTROL + number, inheritable=False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.closerange(CONTROL + len(descriptors), 1024)
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("800")  # a host short of memory takes student code first; inherited


def _enter(terms: Terms) -> None:
    if not terms.confine:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        os.chdir(tempfile.gettempdir())
        return
    if terms.unprivileged:
        os.setgroups([])  # afterwards the sandbox's user namespace forbids it
    setns(HOLDER, ALL_NAMESPACES)
    os.close(HOLDER)
    os.chdir("/work")


def _output_file() -> int:
    """Open the unlinked file that takes all that is printed. In a sandbox its file system is as large as the limit."""
    folder = OUTPUT_FOLDER if os.path.isdir(OUTPUT_FOLDER) else None
    descriptor, path = tempfile.mkstemp(dir=folder)
    os.unlink(path)
    return descriptor


def _renounce(terms: Terms) -> None:
    """Give up every privilege: inherited by the loader, the candidates and all that they execute."""
    if terms.confine:
        drop_capabilities()
        if terms.unprivileged:
            os.setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
            os.setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        clear_capability_sets()
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
    die_with_parent()  # a change of credentials clears it, so it is set after the last one
    signal.signal(signal.SIGCHLD, lambda *_: None)  # so that poll() is interrupted, and children wait to be reaped


def _fork_loader(terms: Terms, before: Footprint, output: int, program: bytes) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(WIRE, 3)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(4, 1024)
        os.setsid()
        os.nice(NICE)
        impose(terms, before)
        if not terms.unprivileged:
            prctl(PR_SET_DUMPABLE, 1)  # else an ordinary user's referee could not read what memory it shares
        if terms.confine:
            load_filter(program)
        loader.serve(socket.socket(fileno=3), terms.frame, fresh.execute)
    finally:
        os._exit(0)


def _watch(control: socket.socket) -> None:
    """Report each child's end and kill the child that the referee names, until the referee has gone."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(reader, select.POLLIN)
    while True:
        _report_ended(control)
        for descriptor, _ in poll.poll():
            if descriptor == reader:
                os.read(reader, 4096)
                continue
            order = control.recv(16)
            if not order:
                return
            _kill(int(order))


def _kill(pid: int) -> None:
    """Kill a child that was not reaped yet. Another's descendant may be gone, and its number a stranger's."""
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        os.kill(pid, signal.SIGKILL)


def _report_ended(control: socket.socket) -> None:
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        control.send(ENDED.pack(pid, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024))


def _end_all() -> None:
    """Without a sandbox: kill the children, and theirs as they come to this subreaper."""
    for _ in range(100):
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            children = file.read().split()
        if not children:
            return
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG):
            pass
        time.sleep(0.01)


def _complain(error: BaseException) -> None:
    """Tell the referee what went wrong; it holds no student data."""
    with contextlib.suppress(OSError):
        socket.socket(fileno=CONTROL).send(f"{type(error).__name__}: {error}".encode()[:500])
