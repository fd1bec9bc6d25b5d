"""Which GPUs torch can use, asked in a process of its own: the command line does without torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from grader.work import Device

SECONDS = 120
ASK = """
import json, torch
worked, problem = 0, ""
try:
    for number in range(torch.cuda.device_count()):
        ones = torch.ones(8, 8, device=f"cuda:{number}")
        assert (ones @ ones).sum().item() == 512, f"GPU {number} computes a wrong sum"
        worked += 1
except Exception as error:
    problem = f"{type(error).__name__}: {error}".splitlines()[0]
print(json.dumps({"built": torch.version.cuda or "", "worked": worked, "problem": problem}))
"""


class Answer(Struct, frozen=True):
    """What torch said: the version of CUDA that it was built for, and how many of the GPUs, in their order, worked."""

    built: str
    worked: int
    problem: str = ""


def that_work(devices: Sequence[Device]) -> list[Device]:
    """Return those that torch can use; a machine where it can use none has no GPU for us."""
    return list(devices[: ask_torch(devices).worked]) if devices else []


def ask_torch(devices: Sequence[Device], ask: str = ASK) -> Answer:
    """Have torch compute something on each GPU."""
    visible = ",".join(device.uuid for device in devices)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", ask],
            env={"CUDA_VISIBLE_DEVICES": visible}, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Answer("", 0, f"torch did not answer in {SECONDS} s")
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return Answer("", 0, said[-1] if said else f"exit status {done.returncode}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Answer)
