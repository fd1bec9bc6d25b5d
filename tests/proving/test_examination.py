"""A proof as a whole: what is sound is proven, and where the reference is not, nothing else is looked at."""

from grader.proving.examination import KNOWN
from grader.proving.trials import Effort

from .spoilt import a_sound_course, change_checks, proof_of


def test_a_sound_assignment_is_proven_by_every_rule(tmp_path):
    proof = proof_of(a_sound_course(tmp_path))
    assert proof.findings == ()
    assert [ruling.rule for ruling in proof.rulings] == [rule for rule in KNOWN if rule not in ("handed-in", "mutants")]


def test_one_rule_can_be_asked_for(tmp_path):
    (ruling,) = proof_of(a_sound_course(tmp_path), "parts").rulings
    assert (ruling.rule, ruling.judgings) == ("parts", 2)


def test_a_trial_that_two_rules_need_is_judged_once_and_on_the_first_ones_bill(tmp_path):
    proof = proof_of(a_sound_course(tmp_path), "misconceptions", "caught", "margins")
    judgings = {ruling.rule: ruling.judgings for ruling in proof.rulings}
    assert judgings["misconceptions"] == 4
    assert judgings["margins"] == 3  # the reference with two seeds, one alternative


def test_where_the_reference_fails_nothing_else_is_looked_at(tmp_path):
    solution = a_sound_course(tmp_path)
    change_checks(solution, "factor=-2.0", "factor=2.0")
    proof = proof_of(solution)
    assert [finding.about for finding in proof.findings] == ["tiny: refuses"]
    assert {ruling.left_out for ruling in proof.rulings[1:]} == {"left out: the reference does not pass"}


def test_it_shows_what_fails_each_check(tmp_path):
    proof = proof_of(a_sound_course(tmp_path), "caught", "margins", effort=Effort(seeds=1))
    shown = {check.name: check for check in proof.checks}
    assert shown["values"].failed_by == ("adds_two", "wrong_dtype")
    assert shown["values"].points == 40
    assert shown["values"].right == 0
    assert shown["values"].wrong > 1
    assert shown["refuses"].right is None


def test_it_shows_what_each_misconception_costs(tmp_path):
    proof = proof_of(a_sound_course(tmp_path), "misconceptions")
    shown = {one.name: one for one in proof.misconceptions}
    assert (shown["always_floats"].lost, shown["always_floats"].possible) == (20, 60)
    assert shown["always_floats"].diagnosed == ("of_integers",)
