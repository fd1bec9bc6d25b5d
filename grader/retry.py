"""Tries again what broke on our side, whichever executor it broke in. A course's own defect is never tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing

from grader.model import Status
from grader.work import Job, Verdict

TRIES = 3
NO_VERDICT = "the executor gave no verdict"

Execute = Callable[[Iterator[Job], int], Generator[Verdict]]  # jobs, and how many at once

log = logging.getLogger(__name__)


def persistently(execute: Execute, jobs: Iterator[Job], workers: int) -> Generator[Verdict]:
    """Yield one verdict a job. What is unfinished is executed again when all the others are done.

    The last try is for one job at a time: one that brings our side down costs no other its last try.
    """
    broke: dict[str, list[str]] = {}  # what broke in each try, by the job's key
    for number in range(1, TRIES + 1):
        again: dict[str, Job] = {}
        with closing(execute(_noted(jobs, again), workers if number < TRIES else 1)) as verdicts:
            for verdict in verdicts:
                if verdict.status is Status.UNFINISHED and verdict.key in again:
                    broke.setdefault(verdict.key, []).append(verdict.reason)
                else:
                    again.pop(verdict.key, None)
                    yield verdict
        for key in again:
            if len(broke.setdefault(key, [])) < number:
                broke[key].append(NO_VERDICT)
        if not again:
            return
        if number < TRIES:
            _announce(again.values(), broke)
        jobs = iter(again.values())
    yield from (Verdict(key, Status.UNFINISHED, reason=_told(broke[key])) for key in again)


def _noted(jobs: Iterable[Job], drawn: dict[str, Job]) -> Iterator[Job]:
    for job in jobs:
        drawn[job.key] = job
        yield job


def _announce(jobs: Iterable[Job], broke: dict[str, list[str]]) -> None:
    for job in jobs:
        log.warning("%s is tried again: %s", job.submission.student, broke[job.key][-1])


def _told(reasons: Sequence[str]) -> str:
    """Return one sentence on all tries, for the instructor."""
    kinds = dict.fromkeys(reasons)
    if len(kinds) == 1:
        return f"our side broke in each of {len(reasons)} tries: {reasons[0]}"
    return f"our side broke in each of {len(reasons)} tries: {'; then '.join(reasons)}"
