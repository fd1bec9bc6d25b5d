"""Which GPUs torch can use, asked in a process of its own: the command line does without torch."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from grader.work import Device

log = logging.getLogger(__name__)

SECONDS = 120
ASK = """
import json, torch
worked, problem = [], ""
for number in range(torch.cuda.device_count()):
    try:
        ones = torch.ones(8, 8, device=f"cuda:{number}")
        assert (ones @ ones).sum().item() == 512, f"GPU {number} computes a wrong sum"
        worked.append(number)
    except Exception as error:
        problem = problem or f"{type(error).__name__}: {error}".splitlines()[0]
print(json.dumps({"built": torch.version.cuda or "", "worked": worked, "problem": problem}))
"""


class Answer(Struct, frozen=True):
    """What torch said: the version of CUDA that it was built for, and which of the GPUs, by their order, worked."""

    built: str
    worked: tuple[int, ...]
    problem: str = ""


def that_work(devices: Sequence[Device]) -> list[Device]:
    """Return those that torch can use, and log why where these are not all."""
    if not devices:
        return []
    answer = ask_torch(devices)
    if len(answer.worked) < len(devices):
        unused = len(devices) - len(answer.worked)
        why = answer.problem or "torch sees too few of them"
        log.warning("%d of %d GPUs are not used: %s; grader doctor says more", unused, len(devices), why)
    return [devices[number] for number in answer.worked]


def ask_torch(devices: Sequence[Device], ask: str = ASK) -> Answer:
    """Have torch compute something on each GPU."""
    visible = ",".join(device.uuid for device in devices)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", ask],
            env={"CUDA_VISIBLE_DEVICES": visible}, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Answer("", (), f"torch did not answer in {SECONDS} s")
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return Answer("", (), said[-1] if said else f"exit status {done.returncode}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Answer)
