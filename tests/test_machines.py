"""What one kind of machine leaves pending, another fills in, in one gradebook."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.gradebook import open_gradebook
from tests.fakes.readings import ALL, outcomes, scores

pytest_plugins = ["tests.fakes.grading"]


def test_without_a_gpu_its_points_are_pending(lab):
    lab.hand_in(ada=ALL)
    (ada,) = lab.laptop().submissions
    assert scores(ada) == (120, 30, 130)
    assert (outcomes(ada)["speed"], ada.machine) == ("pending", "cpu")


@pytest.mark.parametrize("only", ["gpu", "speed", ""])
def test_another_machine_fills_in_just_what_is_pending(lab, only):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.judged()
    lab.h100(only=only)
    assert lab.judged() == [("ada", "speed")]
    assert scores(lab.standing()) == (150, 0, 130)
    assert list(outcomes(lab.standing()).values()) == ["passed"] * 4
    assert lab.standing().machine == "cpu; cuda NVIDIA H100"


@pytest.mark.parametrize("only", ["gpu", ""])
def test_the_attempt_keeps_its_number_and_its_time(lab, only):
    lab.hand_in(ada=ALL)
    lab.laptop()
    (before,) = lab.gradebook.attempts()
    lab.h100(only=only)
    (after,) = lab.gradebook.attempts()
    assert (after.id, after.recorded, after.key) == (before.id, before.recorded, before.key)
    whole = [stored.id for stored in lab.gradebook.attempts(latest=False) if not stored.only]
    assert whole == [before.id]


def test_a_plain_run_reports_both_together(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    (ada,) = lab.h100().submissions
    assert scores(ada) == (150, 0, 130)
    assert ada.regraded


def test_a_run_of_some_checks_reports_these_and_completes_the_attempt(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    (ada,) = lab.h100(only="gpu").submissions
    assert scores(ada) == (30, 0, 30)
    assert scores(lab.standing()) == (150, 0, 130)


RUNS = {
    "laptop": lambda lab: lab.laptop(),
    "gpu, whole": lambda lab: lab.h100(),
    "gpu, only": lambda lab: lab.h100(only="gpu"),
}


@pytest.mark.parametrize("order", [*permutations(RUNS)], ids=" then ".join)
def test_in_whatever_order_nothing_is_graded_twice_and_nothing_is_lost(lab, order):
    lab.hand_in(ada="double passed scale failed more passed speed passed")
    for name in order:
        RUNS[name](lab)
    anywhere = [check for _, check in lab.judged() if check != "speed"]
    assert sorted(anywhere) == ["double", "more", "scale"]
    assert scores(lab.standing()) == (110, 0, 130)
    for name in (*order, *order):
        RUNS[name](lab)
    assert lab.judged() == []
    assert scores(lab.standing()) == (110, 0, 130)


MACHINES = st.sampled_from(["laptop", "h100", "l4"])
SELECTIONS = st.sampled_from(["", "", "gpu", "double"])
ENDS = st.sampled_from(["passed", "passed", "failed", "timeout"])


@given(st.lists(st.tuples(MACHINES, SELECTIONS), min_size=1, max_size=6), st.tuples(ENDS, ENDS, ENDS, ENDS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_whatever_is_run_where_there_is_one_attempt_that_holds_all_that_was_found(lab, runs, ends):
    said = dict(zip(("double", "scale", "more", "speed"), ends, strict=True))
    lab.hand_in(ada=" ".join(f"{name} {end}" for name, end in said.items()))
    with open_gradebook("sqlite://") as gradebook:
        lab.grading.gradebook = gradebook
        for machine, only in runs:
            getattr(lab, machine)(only=only)
        if all(only for _, only in runs):
            lab.laptop()
        whole = [stored.report for stored in gradebook.attempts(latest=False) if not stored.only]
        waits = not any(machine != "laptop" and only in ("", "gpu") for machine, only in runs)
        assert [outcomes(report) for report in whole] == [said | ({"speed": "pending"} if waits else {})]
        lab.judged()
        for machine, only in runs:
            getattr(lab, machine)(only=only)
        assert lab.judged() == []
        assert [stored.report for stored in gradebook.attempts(latest=False) if not stored.only] == whole


def test_of_two_that_found_the_same_the_newer_one_is_named_at_once(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.h100()
    lab.l4(only="gpu")
    assert lab.standing().machine == "cpu; cuda NVIDIA L4"
    lab.laptop()
    assert lab.standing().machine == "cpu; cuda NVIDIA L4"


def test_a_check_that_broke_on_the_other_machine_is_told_and_what_is_stored_stays(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.have_end(speed="invalid")
    (ada,) = lab.h100().submissions
    assert outcomes(ada)["speed"] == "invalid"
    assert outcomes(lab.standing())["speed"] == "pending"
    lab.have_end(speed="passed")
    assert scores(lab.h100().submissions[0]) == (150, 0, 130)


def test_filling_in_twice_changes_nothing(lab):
    lab.hand_in(ada=ALL, ben="double failed scale passed more passed speed failed")
    lab.laptop()
    for run in (lab.h100, lambda: lab.h100(only="gpu"), lab.laptop):
        run()
        stored = [attempt.report for attempt in lab.gradebook.attempts(latest=False) if not attempt.only]
        run()
        again = [attempt.report for attempt in lab.gradebook.attempts(latest=False) if not attempt.only]
        assert stored == again


def test_the_first_machine_run_again_does_not_take_back_what_the_second_found(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.h100(only="gpu")
    (ada,) = lab.laptop().submissions
    assert scores(ada) == scores(lab.standing()) == (150, 0, 130)


def test_graded_again_on_the_first_machine_the_rest_is_still_known(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.h100()
    lab.judged()
    (ada,) = lab.laptop(fresh=True).submissions
    assert [check for _, check in lab.judged()] == ["double", "scale", "more"]
    assert scores(ada) == (150, 0, 130)


def test_graded_again_on_the_second_machine_its_newer_result_stands(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.h100(only="gpu")
    lab.have_end(speed="failed")
    lab.h100(only="gpu", fresh=True)
    assert scores(lab.standing()) == (120, 0, 130)
    (ada,) = lab.laptop().submissions
    assert scores(ada) == (120, 0, 130)


def test_what_did_not_end_is_graded_again_and_takes_nothing_back(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.h100(only="gpu")
    lab.have_end(speed="invalid")
    lab.h100(only="gpu", fresh=True)
    assert scores(lab.standing()) == (150, 0, 130)


def test_notes_of_loading_and_of_both_machines_are_there_once(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.h100(only="gpu")
    assert lab.standing().notes == ("as it came", "as it ran")


@pytest.mark.parametrize("machines", [("h100", "l4"), ("l4", "h100")], ids=" then ".join)
def test_the_newest_of_two_results_fills_in(lab, machines):
    lab.hand_in(ada=ALL)
    for machine in machines:
        getattr(lab, machine)(only="gpu")
    (ada,) = lab.laptop().submissions
    assert ada.machine == f"cpu; cuda NVIDIA {machines[-1].upper()}"


def test_lateness_is_taken_from_all_points(lab):
    lab.hand_in(ada=f"{ALL} late 5")
    lab.laptop()
    assert scores(lab.standing()) == (115, 30, 130)
    lab.h100(only="gpu")
    assert scores(lab.standing()) == (145, 0, 130)
    assert [change.points for change in lab.standing().adjustments] == [-5]


def test_where_nobody_waits_for_a_gpu_its_points_come_back_with_it(lab):
    lab.hand_in(ada=ALL)
    lab.laptop(without_gpu="drop")
    assert scores(lab.standing()) == (120, 0, 100)
    lab.h100(only="gpu", without_gpu="drop")
    assert scores(lab.standing()) == (150, 0, 130)


def test_each_of_those_with_the_same_files_is_completed(lab):
    lab.hand_in(ada=ALL, ben=ALL)
    lab.laptop()
    lab.judged()
    lab.h100(only="gpu")
    assert lab.judged() == [("ada", "speed")]
    assert scores(lab.standing("ada")) == scores(lab.standing("ben")) == (150, 0, 130)


def test_what_was_handed_in_later_is_not_completed_with_what_was_found_of_the_earlier(lab):
    lab.hand_in(ada=ALL)
    lab.h100(only="gpu")
    lab.hand_in(ada="double passed scale passed more passed speed failed")
    lab.laptop()
    assert lab.standing().pending == 30
    lab.h100(only="gpu")
    assert scores(lab.standing()) == (120, 0, 130)


def test_an_earlier_attempt_is_not_brought_forward_by_being_completed(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    lab.hand_in(ada="double failed scale passed more passed speed passed")
    lab.laptop()
    latest = lab.standing().digest
    lab.hand_in(ada=ALL)
    lab.h100(only="gpu")
    assert lab.standing().digest == latest
    assert lab.standing().pending == 30


@pytest.mark.parametrize(
    ("machine", "options"),
    [
        pytest.param("h100", {"sandbox": "cell"}, id="another sandbox"),
        pytest.param("h100", {"seed": 7}, id="inputs drawn otherwise"),
        pytest.param("laptop", {}, id="a machine of the same kind"),
    ],
)
def test_what_is_not_to_be_put_together_is_not(lab, machine, options):
    lab.hand_in(ada=ALL)
    lab.laptop()
    getattr(lab, machine)(**options | {"only": "gpu"})
    assert lab.standing().pending == 30


def test_another_version_of_the_checks_is_not_completed(lab):
    lab.hand_in(ada=ALL)
    lab.laptop()
    (lab.grading.course.root / "solutions" / "01_tiny" / "test_hidden.py").write_text("changed = True")
    lab.h100(only="gpu")
    assert lab.standing().pending == 30


def test_a_machine_without_what_is_needed_says_so_once(lab):
    lab.hand_in(ada="double passed scale passed more passed speed pending")
    lab.laptop()
    lab.h100()
    lab.judged()
    lab.h100()
    assert lab.judged() == []
    assert lab.standing().pending == 30
