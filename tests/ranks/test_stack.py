"""Where a rank is, read from the stack that faulthandler writes."""

from __future__ import annotations

import pytest

from grader.ranks import stack
from grader.wire.protocol import Place

C10D = '  File "/venv/torch/distributed/distributed_c10d.py", line 3245 in {}'
LOGGER = '  File "/venv/torch/distributed/c10d_logger.py", line 83 in wrapper'
OWN = '  File "/work/submission/ddp_lab.py", line 33 in train'
PROBE = '  File "probes.py", line 7 in trained'


def written(*frames: str) -> str:
    return "\n".join(["Current thread 0x00007f4bad651b80 (most recent call first):", *frames, ""])


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        pytest.param([C10D.format("all_reduce"), LOGGER, OWN, PROBE], ("waits", "all_reduce"), id="a collective"),
        pytest.param(
            [C10D.format("store_based_barrier"), C10D.format("init_process_group"), LOGGER, OWN],
            ("waits", "init_process_group"), id="one in another",
        ),
        pytest.param(
            ['  File "/venv/torch/autograd/graph.py", line 8 in _engine_run_backward',
             '  File "/venv/torch/_tensor.py", line 5 in backward', OWN],
            ("waits", "backward"), id="the reducer's, in C++",
        ),
        pytest.param(
            ['  File "/venv/torch/distributed/utils.py", line 9 in _verify_param_shape',
             '  File "/venv/torch/nn/parallel/distributed.py", line 1079 in __init__', OWN],
            ("waits", "DistributedDataParallel"), id="a wrapper that is made",
        ),
        pytest.param([OWN, PROBE], ("works", ""), id="a line of its own"),
        pytest.param(['  File "/venv/torch/nn/functional.py", line 3 in linear', OWN], ("works", ""), id="a layer"),
    ],
)  # fmt: skip
def test_a_rank_waits_where_torch_does(frames, place):
    assert stack.place(1, written(*frames), "/work/submission") == Place(1, *place, "ddp_lab.py, line 33")


def test_a_hook_is_its_own_line_though_backward_called_it():
    frames = [C10D.format("all_reduce"), LOGGER, '  File "cell 4", line 2 in hook', OWN.replace("train", "step")]
    assert stack.place(0, written(*frames), "/work/submission") == Place(0, "waits", "all_reduce", "cell 4, line 2")


def test_a_probe_that_waits_has_no_line_of_the_students():
    assert stack.place(0, written(C10D.format("barrier"), LOGGER, PROBE), "/work/submission").where == ""


def test_a_busy_rank_works_whatever_it_is_in():
    busy = stack.place(0, written(C10D.format("all_reduce"), LOGGER, OWN), "/work/submission", busy=True)
    assert busy.state == "works"


def test_the_first_thread_is_the_ranks():
    other = 'Thread 0x00007f0000000000 (most recent call first):\n  File "/work/submission/other.py", line 1 in run\n'
    assert stack.place(0, f"{other}\n{written(OWN)}", "/work/submission").where == "ddp_lab.py, line 33"


def test_waiting_for_a_handle_is_seen_in_the_students_line(tmp_path):
    (tmp_path / "ring.py").write_text("work = irecv()\nwork.wait()\nsleep(5)\n")
    at = f'  File "{tmp_path}/ring.py", line {{}} in ring'
    assert stack.place(0, written(at.format(2)), str(tmp_path)) == Place(0, "waits", "wait", "ring.py, line 2")
    assert stack.place(0, written(at.format(3)), str(tmp_path)).state == "works"


def test_a_rank_that_wrote_nothing_is_nowhere():
    assert stack.place(2, "", "/work") == Place(2, "works")
