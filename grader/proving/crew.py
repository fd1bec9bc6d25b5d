"""Jobs done side by side in forks of a warm process: each fork has all that was collected and imported before."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from tempfile import TemporaryDirectory
from typing import TypeVar

from grader.errors import GraderError

Job = TypeVar("Job")
Done = TypeVar("Done")

_work: Callable[..., object]  # what a worker does with a job: set before the fork, for it cannot be sent


def done_by(work: Callable[[Job], Done], jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Done]]:
    """Yield each job with what `work` made of it, in the order in which they finish. Jobs and results are pickled.

    Raises:
        GraderError: if a worker ended.
    """
    global _work
    _work = work
    fork = multiprocessing.get_context("fork")
    count = max(1, min(workers, len(jobs)))
    with (
        TemporaryDirectory(prefix="grader-proof-", ignore_cleanup_errors=True) as place,
        ProcessPoolExecutor(count, mp_context=fork, initializer=_set_apart, initargs=(place,)) as pool,
    ):
        waiting = {pool.submit(_done, job): job for job in jobs}
        try:
            for future in as_completed(waiting):
                yield waiting.pop(future), future.result()  # type: ignore[misc]
        except BrokenProcessPool as error:
            raise GraderError("a process that judged ended by itself", step="try again with --jobs 1") from error


def _set_apart(place: str) -> None:
    """Have judged code write its files where nobody looks, and let nobody read what it prints and warns of."""
    os.chdir(place)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _done(job: object) -> object:
    return _work(job)
