"""Several ranks answer one call together, or the first cause why they do not is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from grader.model import Outcome
from grader.ranks.output import LAST, MOST
from grader.referee.trusted import Trusted
from tests.ranks.launching import fault, trusted, values

SOON = 8.0  # seconds for launches of which one rank has to be given up


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trusted]:
    made = trusted(tmp_path_factory.mktemp("course"))
    yield made
    made.close()


@pytest.fixture
def printing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Trusted]:
    """A student that prints to what capfd reads."""
    made = trusted(tmp_path)
    yield made
    made.close()


def line(student: Trusted, text: str) -> str:
    """Return where a line of the student's is."""
    lines = Path(student.root, "tiny.py").read_text().splitlines()
    assert lines.count(text) == 1
    number = lines.index(text) + 1
    return f"tiny.py, line {number}"


# ---- answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nprocs", [1, 2, 3])
def test_each_rank_answers_for_itself_in_one_group(student, nprocs):
    assert values(student, "group", nprocs=nprocs) == [[rank, nprocs, "DETAIL"] for rank in range(nprocs)]


def test_a_step_with_torchs_own_wrapper_leaves_all_ranks_alike(student):
    one, other = values(student, "step")
    assert one.keys() == {"weight", "bias"}
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], rtol=0, atol=0)


def test_every_rank_gets_inputs_of_its_own(student):
    x = torch.zeros(2)
    assert [answer.tolist() for answer in values(student, "adds_its_rank", x)] == [[0.0, 0.0], [1.0, 1.0]]
    assert x.tolist() == [0.0, 0.0]


def test_two_launches_do_not_meet(student):
    for _ in range(3):
        assert values(student, "me") == [0, 1]


def test_a_rank_has_the_environment_that_torchrun_gives(student):
    told = {"WORLD_SIZE": "2", "MASTER_PORT": ""}  # the group is made for them
    assert values(student, "environment") == [{"RANK": r, "LOCAL_RANK": r, **told} for r in "01"]


def test_no_resolver_is_waited_for_while_ranks_meet(student):
    # torch asks who connects, in the launcher's store and in each rank; one lost answer stalls them for five seconds
    assert values(student, "resolver") == ["attempts:0"] * 2
    assert values(student, "resolver", init_process_group=False) == ["attempts:0"] * 2


def test_a_student_can_make_the_group(student):
    assert [answer.item() for answer in values(student, "makes_its_group", init_process_group=False)] == [2.0, 2.0]


def test_each_rank_is_a_session_of_its_own_with_one_thread_for_torch(student):
    assert values(student, "session") == [[True, True], [True, True]]
    assert values(student, "threads") == [1, 1]


# ---- the first cause -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "outcome", "said"),
    [
        ("all_raise", Outcome.ERROR, "every rank: KeyError at {def all_raise(): raise KeyError(\"everywhere\")}"),
        ("stub", Outcome.NOT_ATTEMPTED, "not implemented yet at {def stub(): raise NotImplementedError}"),
        ("one_raises", Outcome.ERROR, "rank 1: ValueError at {        raise ValueError(\"in the student's words\")}"),
        ("one_raises_and_the_other_complains", Outcome.ERROR, "rank 1: ValueError at {        raise ValueError}"),
        ("one_exits", Outcome.CRASHED, "rank 1 ended the process (exit status 3)"),
        ("one_exits_and_the_other_complains", Outcome.CRASHED, "rank 1 ended the process (exit status 3)"),
        ("one_is_killed", Outcome.CRASHED, "rank 1 ended the process (SIGSEGV)"),
        ("missing", Outcome.NOT_ATTEMPTED, "missing is not defined"),
    ],
)  # fmt: skip
def test_the_first_cause_is_told_and_not_what_followed(student, target, outcome, said):
    before, _, rest = said.partition("{")
    found = fault(student, target)
    assert found.message == before + (line(student, rest[:-1]) if rest else "")
    assert found.outcome is outcome


def test_collectives_that_do_not_fit_are_a_sentence(student):
    at = line(student, "    dist.all_reduce(torch.ones(4 if me() else 8))")
    found = fault(student, "sizes_differ")
    assert (
        found.message
        == f"rank 1 called all_reduce on 4 numbers at {at} where rank 0 called all_reduce on 8 numbers at {at}"
    )
    assert found.outcome is Outcome.ERROR


def test_collectives_of_two_kinds_are_a_sentence(student):
    one = line(student, "        dist.all_reduce(torch.ones(2, 3))")
    other = line(student, "        dist.broadcast(torch.ones(2, 3), 0)")
    assert fault(student, "operations_differ").message == (
        f"rank 1 called broadcast on 2x3 numbers at {other} where rank 0 called all_reduce on 2x3 numbers at {one}"
    )


# ---- who waits for whom ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "waited", "worked"),
    [
        ("one_sleeps", "    dist.all_reduce(torch.ones(3))", "        time.sleep(60)"),
        ("one_computes", "    dist.all_reduce(torch.ones(3))", "    while rank: pass"),
    ],
)
def test_a_hung_rank_is_named_with_its_line_and_who_waits_for_it(student, target, waited, worked):
    found = fault(student, target, seconds=SOON)
    name, _, said = found.message.partition(" did not come to an end at ")
    assert (name, found.outcome) == ("rank 1", Outcome.TIMEOUT)
    own, _, others = said.partition("; ")
    assert own == line(student, worked)
    assert others.startswith("rank 0 waited for others in all_reduce at tiny.py, line ")


def test_a_process_group_with_less_patience_is_no_better_cause(student):
    found = fault(student, "one_sleeps_longer_than_its_group_waits", init_process_group=False)
    assert found.outcome is Outcome.TIMEOUT
    assert found.message.startswith(f"rank 1 did not come to an end at {line(student, '        time.sleep(61)')}; ")
    assert "rank 0 waited for others in vain at tiny.py, line " in found.message


@pytest.mark.parametrize("target", ["one_ignores_everything", "one_stops"])
def test_a_rank_that_does_not_say_where_it_is_is_named_all_the_same(student, target):
    assert fault(student, target, seconds=SOON).message.startswith("rank 1 did not come to an end; rank 0 waited for")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("one_returns", "rank 0 waited for others in all_reduce at {}; rank 1 had returned"),
        ("one_skips_a_step", "rank 0 waited for others in backward at {}; rank 1 had returned"),
        ("all_receive", "ranks 0 and 1 waited for others in recv at {}"),
        ("all_wait", "ranks 0 and 1 waited for others in wait at {}"),
    ],
)
def test_ranks_that_wait_for_each_other_are_told_without_waiting_for_the_end(student, target, said):
    where = {
        "one_returns": "        dist.all_reduce(torch.ones(5))",
        "one_skips_a_step": "        model(torch.ones(4, 3)).sum().backward()",
        "all_receive": "    dist.recv(torch.ones(3), 1 - me())",
        "all_wait": "    work.wait()",
    }[target]
    seconds = 600.0  # so a launch that was not ended early would be noticed
    found = fault(student, target, seconds=seconds)
    assert found.message == said.format(line(student, where))
    assert found.outcome is Outcome.TIMEOUT


# ---- the end ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["aborts_afterwards", "hangs_afterwards"])
def test_what_a_rank_does_after_its_answer_does_not_matter(student, target):
    assert values(student, target) == [0, 1]


def test_a_wrapper_that_dies_behind_its_group_does_not_hang(student):
    for _ in range(5):  # without our keeping it, one in five does
        assert values(student, "trains_and_destroys") == [1, 1]


def test_nothing_that_a_rank_has_forked_outlives_the_launch(student, tmp_path):
    assert values(student, "forks", f"{tmp_path}/pid") == [0, 1]
    left = [Path("/proc", (tmp_path / f"pid{rank}").read_text()) for rank in (0, 1)]
    assert [path for path in left if path.exists()] == []


def test_an_answer_of_any_size_passes_between_trusted_processes(student):
    assert [answer.nbytes for answer in values(student, "big", 20)] == [20 << 20, 20 << 20]


# ---- what is printed -------------------------------------------------------------------------------------------


def test_what_ranks_print_is_one_text_in_the_order_in_which_it_was_printed(printing, capfd):
    found = fault(printing, "takes_turns", 6)
    lines = "".join(f"[rank {turn % 2}] turn {turn}\n" for turn in range(6))
    assert capfd.readouterr().out == lines
    assert found.detail == lines


def test_of_much_that_is_printed_the_end_is_dropped_and_nobody_waits(printing, capfd):
    assert values(printing, "prints", "x" * 1000, 10_000) == [0, 1]
    printed = capfd.readouterr().out
    assert len(printed) < MOST + LAST
    assert printed.endswith("... and more, which is not kept\n")
    assert {text[:8] for text in printed.splitlines()[:-1]} <= {"[rank 0]", "[rank 1]"}
