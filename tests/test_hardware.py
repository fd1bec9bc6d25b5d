"""The kind of machine is a part of the name of a result, where a part needs a GPU."""

from __future__ import annotations

import pytest

from grader.hardware import PRETENDED_DEVICES, kind_of, once
from grader.work import Device

H100, OTHER, L4 = (
    Device(name, uuid, 1 << 30) for name, uuid in (("NVIDIA H100", "a"), ("NVIDIA H100", "b"), ("NVIDIA L4", "c"))
)


@pytest.mark.parametrize(
    ("devices", "kind"),
    [
        ([], "cpu"),
        ([H100], "cuda NVIDIA H100"),
        ([H100, L4, OTHER], "cuda 2 x NVIDIA H100, NVIDIA L4"),
        ([L4, OTHER, H100], "cuda 2 x NVIDIA H100, NVIDIA L4"),
        (PRETENDED_DEVICES, "pretended"),
    ],
)
def test_a_machine_is_named_by_its_gpus(devices, kind):
    assert kind_of(devices) == kind


def test_a_gpu_that_two_plugins_name_is_one():
    assert once([H100, L4, Device("the same", "a", 1)]) == (Device("the same", "a", 1), L4)


def test_pretended_ones_are_as_many_and_as_large_as_any_check_may_ask_for():
    from grader.referee.devices import MOST, Need, unmet

    assert unmet(Need(count=MOST, memory=512 << 30), PRETENDED_DEVICES) == ""
