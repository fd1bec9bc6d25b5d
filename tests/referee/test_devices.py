"""What a check needs of a machine's GPUs, as its mark says, and what of it a machine lacks."""

from __future__ import annotations

import pytest

from grader.errors import CheckDefect
from grader.referee.devices import Need, able, in_bytes, need_of, unmet
from grader.work import Device
from tests.referee.test_collection import collected
from tests.referee.tiny import a_course

GB = 1 << 30


def card(gigabytes: float, name: str = "NVIDIA L4") -> Device:
    return Device(name, f"GPU-{gigabytes}", int(gigabytes * GB))


@pytest.mark.parametrize(
    ("mark", "need"),
    [
        (pytest.mark.gpu, Need()),
        (pytest.mark.gpu(), Need(count=1, memory=0, shared=False, precision="ieee")),
        (pytest.mark.gpu(count=2, memory="8GB"), Need(count=2, memory=8 * GB)),
        (pytest.mark.gpu(memory="1.5 gb", shared=True), Need(memory=3 * GB // 2, shared=True)),
        (pytest.mark.gpu(memory=512, precision="tf32"), Need(memory=512, precision="tf32")),
    ],
)
def test_a_mark_says_what_is_needed(mark, need):
    assert need_of(mark.mark) == need


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (pytest.mark.gpu(2), "gpu has count, memory, shared and precision, by name"),
        (pytest.mark.gpu(cout=2), "gpu has count, memory, shared and precision, by name"),
        (pytest.mark.gpu(count=0), "gpu: count is a number from 1 to 8, and not 0"),
        (pytest.mark.gpu(count=9), "gpu: count is a number from 1 to 8, and not 9"),
        (pytest.mark.gpu(count="2"), "gpu: count is a number from 1 to 8, and not '2'"),
        (pytest.mark.gpu(count=True), "gpu: count is a number from 1 to 8, and not True"),
        (pytest.mark.gpu(memory="8"), "gpu: '8' is not an amount of memory"),
        (pytest.mark.gpu(memory="plenty"), "gpu: 'plenty' is not an amount of memory"),
        (pytest.mark.gpu(memory=0), "gpu: 0 is not an amount of memory"),
        (pytest.mark.gpu(memory=-1), "gpu: -1 is not an amount of memory"),
        (pytest.mark.gpu(memory=True), "gpu: True is not an amount of memory"),
        (pytest.mark.gpu(memory=None), "gpu: None is not an amount of memory"),
        (pytest.mark.gpu(shared="yes"), "gpu: shared is True or False, and not 'yes'"),
        (pytest.mark.gpu(precision="bf16"), 'gpu: precision is "ieee" or "tf32", and not \'bf16\''),
    ],
)
def test_a_mark_that_says_nothing_that_can_be_meant_is_told(mark, said):
    assert need_of(mark.mark) == said


@pytest.mark.parametrize(
    ("amount", "size"),
    [("512MB", 512 << 20), ("1.5 GB", 3 * GB // 2), ("3kb", 3 << 10), (7, 7), (0, 0)]
    + [(no, None) for no in ("", "GB", "8 TB", "-1GB", "1.2.3GB", "nan GB", "∞GB", 1.5, True, -1, None, b"8GB")],
)
def test_amounts_of_memory(amount, size):
    assert in_bytes(amount) == size


@pytest.mark.parametrize(
    ("need", "devices", "said"),
    [
        (Need(), [card(24)], ""),
        (Need(), [], "needs a GPU, and this machine has none"),
        (Need(count=2), [], "needs 2 GPUs, and this machine has none"),
        (Need(count=2), [card(24)], "needs 2 GPUs, and this machine has 1"),
        (Need(count=2), [card(24), card(24)], ""),
        (Need(memory=40 * GB), [card(24)], "needs a GPU of 40 GB, and this machine has none so large"),
        (Need(memory=40 * GB), [card(24), card(80)], ""),
        (Need(count=2, memory=40 * GB), [card(24), card(80)], "needs 2 GPUs of 40 GB, and this machine has 1 so large"),
    ],
)
def test_what_a_machine_lacks_is_one_sentence(need, devices, said):
    assert unmet(need, devices) == said


@pytest.mark.parametrize(
    ("need", "devices", "said"),
    [
        (Need(), [], "需要 1 个 GPU，这台机器没有"),
        (Need(count=2), [card(24)], "需要 2 个 GPU，这台机器只有 1 个"),
        (Need(count=2, memory=40 * GB), [card(24), card(80)], "需要 2 个 40 GB 的 GPU，这台机器只有 1 个这么大的"),
        (Need(memory=40 * GB), [card(24)], "需要 1 个 40 GB 的 GPU，这台机器没有这么大的"),
    ],
)
def test_it_is_said_in_chinese_too(need, devices, said):
    assert unmet(need, devices, "zh") == said


def test_a_card_has_a_little_less_than_its_name_says():
    h100 = card(79.6)
    assert able(Need(memory=80 * GB), [h100]) == [h100]
    assert able(Need(memory=96 * GB), [h100]) == []


# ---- collected -----------------------------------------------------------------------------------------------------


CHECK = '@check("fast", points=100)\ndef test_a():\n    """A."""\n'
TOML = "assignments/01_tiny/assignment.toml"


def of_tier(tmp_path, tier: str, source: str):
    solution = a_course(tmp_path, source, fast=100)
    toml = tmp_path / TOML
    core = '\n[[parts]]\nid = "core"\ntitle = "Core"\npoints = 100\n' if tier == "gpu" else ""
    toml.write_text(toml.read_text().replace("points = 100\n", f'points = 100\ntier = "{tier}"\n') + core)
    if core:
        own = solution / "test_hidden_own.py"
        own.write_text(own.read_text() + '\n@check("core", points=100)\ndef test_core():\n    """Core."""\n')
    return solution


def test_a_check_of_a_part_of_tier_gpu_has_its_need(tmp_path):
    checks = collected(of_tier(tmp_path, "gpu", "@pytest.mark.gpu(count=2)\n" + CHECK))
    assert [(check.name, check.gpu) for check in checks] == [("a", Need(count=2)), ("core", None)]
    assert "gpu" in checks[0].marks


@pytest.mark.parametrize(
    ("tier", "mark", "said"),
    [
        ("core", "@pytest.mark.gpu\n", "a check with the mark gpu is of part 'fast', which is not of tier gpu"),
        ("gpu", "", "part 'fast' is of tier gpu, and this check of it has no mark gpu"),
        ("gpu", "@pytest.mark.gpu(count=0)\n", "gpu: count is a number from 1 to 8, and not 0"),
    ],
)
def test_what_cannot_work_is_refused_with_its_place_and_a_next_step(tmp_path, tier, mark, said):
    with pytest.raises(CheckDefect) as refused:
        collected(of_tier(tmp_path, tier, mark + CHECK))
    assert said in str(refused.value)
    assert "test_hidden_own.py::test_a" in str(refused.value)
    assert "  try  " in str(refused.value)
