"""The warm process from which every sandbox's keeper is forked: torch imported, single-threaded, no CUDA.

Executed as `python -I -m grader.candidate.zygote FD` with nothing of ours in its environment. It gets integers and
descriptors and never a byte of a submission, a check or a secret, for every fork sees its memory.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from contextlib import suppress

import grader.probing  # for the probes: in a sandbox our files cannot be read
import grader.ranks.launch  # noqa: F401  # likewise
from grader.candidate import fresh, keeper
from grader.candidate.seccomp import build_filter
from grader.wire.entry import DESCRIPTORS, TERMS, ZYGOTE_READY, Terms
from grader.wire.linux import PR_SET_CHILD_SUBREAPER, allow_many_descriptors, collapse_memory, die_with_parent, prctl
from grader.wire.sources import sources
from grader.wire.warm import warm_up


def main() -> None:
    """Serve entries until the other side has gone."""
    die_with_parent()
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a terminal's Ctrl-C reaches the whole group; the trusted side decides
    allow_many_descriptors()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGCHLD, reap)
    program = build_filter()
    warm_up()
    sources()  # while our files can be read
    fresh.boot()
    gc.freeze()
    collapse_memory()
    orders = socket.socket(fileno=int(sys.argv[1]))
    with suppress(BrokenPipeError):  # nobody waits any more: told by what follows
        orders.send(ZYGOTE_READY)
    while True:
        try:
            data, descriptors, _, _ = socket.recv_fds(orders, TERMS.size, DESCRIPTORS)
        except ConnectionResetError:  # it was killed
            break
        if not data:
            break
        if os.fork() == 0:
            keeper.keep(Terms._make(TERMS.unpack(data)), descriptors, program)
        for descriptor in descriptors:
            os.close(descriptor)
    with suppress(ChildProcessError):
        while True:
            os.wait()  # the keepers end by themselves, for their referees have
    os._exit(0)  # taking an interpreter full of torch apart would cost half a second


def reap(*_: object) -> None:
    """Wait for those that have ended: keepers, and what they left to this subreaper. Their CPU time counts as ours."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


if __name__ == "__main__":
    main()
