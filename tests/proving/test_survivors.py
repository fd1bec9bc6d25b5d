"""What an author reads of mutants."""

import msgspec

from grader.proving.mutation import MutationScore, Survivor
from grader.proving.proof import Finding
from grader.proving.survivors import on_mutants, summary, told

SURVIVOR = Survivor(
    function="Scaler.__init__",
    line=12,
    was="if factor < 0:",
    becomes="if factor < 1:",
    diff="@@ -11,3 +11,3 @@\n     # a line\n-    if factor < 0:\n+    if factor < 1:\n     # another",
    checks=("scale_values", "refuses_a_negative_factor"),
)


def score(killed=6, equivalent=1, survivors=(SURVIVOR,), **more):
    judged = killed + equivalent + len(survivors)
    return MutationScore(
        mutants=more.pop("mutants", judged),
        judged=judged,
        killed=killed,
        equivalent=equivalent,
        survivors=survivors,
        **more,
    )


def test_the_summary_counts_what_are_mistakes():
    assert summary(score()) == "6 of 7 mutants noticed (85.7 %); 1 more is equivalent"
    assert summary(score(equivalent=0)) == "6 of 7 mutants noticed (85.7 %)"


def test_a_sample_says_that_it_is_one():
    assert summary(score(equivalent=0, mutants=90)) == "6 of 7 mutants noticed (85.7 %), a sample of 90"


def test_a_share_is_never_rounded_up_to_all():
    assert "(99.9 %)" in summary(score(killed=9999, equivalent=0))


def test_too_few_noticed_are_a_finding():
    ruling = on_mutants(score(killed=18, survivors=(SURVIVOR,) * 2, equivalent=0))
    assert ruling.proven == ""
    assert [(finding.rule, finding.about) for finding in ruling.findings] == [("mutants", "score")]
    assert "18 of 20 mutants noticed (90.0 %); at least 95 % should be" in ruling.findings[0].problem


def test_enough_noticed_are_proof():
    ruling = on_mutants(score(killed=19, equivalent=0))
    assert (ruling.proven, ruling.findings) == ("19 of 20 mutants noticed (95.0 %)", ())


def test_entries_that_are_not_true_are_findings_whatever_the_score():
    stale = Finding("mutants", "double: a -> b", "is no mutant", "take it out")
    assert on_mutants(score(killed=19, findings=(stale,))).findings == (stale,)


def test_a_survivor_is_shown_with_its_place_its_diff_and_the_checks_that_ran_it():
    assert told(score()) == [
        "Scaler.__init__, line 12",
        "  run by scale_values, refuses_a_negative_factor",
        "       # a line",
        "  -    if factor < 0:",
        "  +    if factor < 1:",
        "       # another",
        "",
    ]


def test_a_survivor_that_no_check_runs_says_so():
    untouched = msgspec.structs.replace(SURVIVOR, checks=(), function="")
    assert told(score(survivors=(untouched,)))[:2] == ["the module, line 12", "  no check runs it"]


def test_the_score_is_data():
    assert msgspec.json.decode(msgspec.json.encode(score()), type=MutationScore) == score()
