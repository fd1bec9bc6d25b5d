"""What is refused, and the sentence that says so."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from grader.errors import MergeRefused
from grader.merging import Source, merged
from grader.model import Outcome, Status

from .sheets import DUE, GPU, check, report, sheet


def refused(one, other) -> str:
    """Return what is said of two gradesheets, in either order."""
    sources = [Source("cpu.json", one), Source("gpu.json", other)]
    with pytest.raises(MergeRefused) as caught:
        merged(sources, lambda joined: joined)
    with pytest.raises(MergeRefused):
        merged(sources[::-1], lambda joined: joined)
    assert caught.value.step
    return caught.value.problem


def test_a_check_that_ended_in_two_ways():
    said = refused(
        sheet(report("李雷", [check("values"), check("order")])),
        sheet(report("李雷", [check("values"), check("order", Outcome.TIMEOUT)])),
    )
    assert said == (
        "two outcomes of the check 'order' of '李雷': passed (40 of 40) in cpu.json and timeout (0 of 40) in gpu.json"
    )


def test_the_same_outcome_with_other_points():
    said = refused(sheet(report(checks=[check("values")])), sheet(report(checks=[check("values", earned=20.0)])))
    assert said.endswith("passed (40 of 40) in cpu.json and passed (20 of 40) in gpu.json")


def test_a_check_that_ran_behind_one_that_was_lost_elsewhere():
    said = refused(
        sheet(report(checks=[check("values", Outcome.FAILED), check("kernel", Outcome.BLOCKED)])),
        sheet(report(checks=[check("kernel")])),
    )
    assert said == (
        "the check 'kernel' of 'ada' comes after 'values', and ran in gpu.json, though 'values' is failed in cpu.json"
    )


def test_another_submission():
    said = refused(sheet(report()), sheet(report(digest="e" * 64)))
    assert said == "what 'ada' handed in differs: dddddddddddd in cpu.json and eeeeeeeeeeee in gpu.json"


def test_another_submission_whose_digest_begins_alike():
    assert "handed in differs" in refused(sheet(report()), sheet(report(digest="d" * 63 + "e")))


def test_the_same_submission_at_another_time():
    said = refused(sheet(report(submitted=DUE)), sheet(report(submitted=DUE + timedelta(hours=1))))
    assert said == (
        "'ada' handed in at two times: 2026-03-09T18:00:00+00:00 in cpu.json and 2026-03-09T19:00:00+00:00 in gpu.json"
    )


def test_a_report_of_another_version_also_of_a_student_of_one_file_alone():
    """`grader show` puts reports of several versions into one file."""
    said = refused(sheet(report("ben")), sheet(report(assignment_digest="b" * 64)))
    assert said == "'ada' was graded with another version of the assignment, bbbbbbbbbbbb, in gpu.json"


def test_of_two_submissions_it_is_not_said_that_they_ended_in_two_ways():
    lost = report(checks=[check("order", Outcome.FAILED)], digest="e" * 64)
    assert "two outcomes" not in refused(sheet(report()), sheet(lost))


def test_a_student_who_is_ungradable_on_one_machine_alone():
    ungradable = report(checks=[], status=Status.UNGRADABLE, reason="it cannot be imported")
    assert refused(sheet(ungradable), sheet(report())) == "'ada' is ungradable in cpu.json and was graded in gpu.json"


def test_a_student_who_is_ungradable_on_one_machine_and_was_graded_in_part_before_the_other_broke():
    ungradable = report(checks=[], status=Status.UNGRADABLE, reason="it cannot be imported")
    in_part = report(checks=[check("order")], status=Status.UNFINISHED, reason="the sandbox did not start")
    assert "was graded in gpu.json" in refused(sheet(ungradable), sheet(in_part))


def test_two_assignments_versions_or_languages():
    other = replace(sheet().assignment, id="07_gau")
    assert refused(sheet(), sheet(assignment=other)).startswith("these are of two assignments: cpu.json (06_linear, ")
    newer = replace(sheet().assignment, digest="b" * 64)
    assert "two versions of the assignment: cpu.json (06_linear, version aaaa" in refused(
        sheet(), sheet(assignment=newer)
    )
    assert "two languages" in refused(sheet(), sheet(language="zh"))


def test_every_contradiction_is_named_up_to_ten():
    names = [f"student{number}" for number in range(12)]
    said = refused(
        sheet(*(report(name, [check("order")]) for name in names)),
        sheet(*(report(name, [check("order", Outcome.FAILED)]) for name in names)),
    )
    assert said.count("two outcomes") == 10
    assert said.endswith("and 2 more")


def test_what_is_pending_contradicts_nothing():
    one = sheet(report(checks=[check("values"), *(check(name, Outcome.PENDING) for name in GPU)]))
    other = sheet(report(checks=[check(name) for name in GPU]))
    sources = [Source("cpu.json", one), Source("gpu.json", other)]
    assert [c.outcome for c in merged(sources, lambda joined: joined).submissions[0].checks] == [Outcome.PASSED] * 3
