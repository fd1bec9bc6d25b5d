"""What decides a result, as one name; and which results may be used again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from grader.model import Outcome, Report, Status
from grader.work import Verdict


def result_key(
    *,
    submission: str,
    assignment: str,
    environment: Mapping[str, str],
    machine: str,
    sandbox: str,
    seed: str,
    only: str,
) -> str:
    """Return the name of a result: 64 hexadecimal digits, the same for the same parts and for no others.

    `submission` is the digest of what was handed in, `assignment` that of the checks, solution, probes and limits,
    `environment` the versions of python, torch and the grader, `machine` its kind ("cpu", "cuda NVIDIA H100"), `seed`
    the policy that inputs are drawn by and `only` the selection of `--only`. What ran without a sandbox can be
    forged, so `sandbox` is a part too.
    """
    parts = [submission, assignment, sorted(environment.items()), machine, sandbox, seed, only]
    return _sha256(["grader-result/1", *parts])


def attempt_identity(report: Report, *, assignment: str, key: str) -> str:
    """Return what makes two recordings the same attempt.

    What could not be loaded has no digest; there the path and the reason tell attempts apart.
    """
    handed_in = [report.digest] if report.digest else [report.path, report.reason]
    submitted = "" if report.submitted is None else in_utc(report.submitted).isoformat()
    return _sha256(["grader-attempt/1", assignment, report.student, submitted, key, *handed_in])


def is_settled(graded: Report | Verdict) -> bool:
    """Tell whether grading again could only say the same: nothing of ours broke.

    A result with pending checks is settled: it says all that this kind of machine can.
    """
    broke = any(check.outcome is Outcome.INVALID for check in graded.checks)
    return graded.status is not Status.UNFINISHED and not broke


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; one without a time zone is taken to be in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _sha256(parts: list[object]) -> str:
    text = msgspec.json.encode(plain(parts))
    return hashlib.sha256(text).hexdigest()


def plain(value: object) -> object:
    r"""Return a value that is encodable as UTF-8: a stray byte of a file's name (a surrogate) becomes `\udcff`."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {plain(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value
