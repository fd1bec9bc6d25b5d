"""What the tests of several machines read of a report."""

from grader.model import Report

ALL = "double passed scale passed more passed speed passed"


def scores(report: Report) -> tuple[float, float, float]:
    return report.earned, report.pending, report.possible


def outcomes(report: Report) -> dict[str, str]:
    return {check.name: check.outcome.value for check in report.checks}
