"""What a check needs of a machine's GPUs, as its mark says, and whether a machine has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pytest
from msgspec import Struct

from grader.work import Device

MOST = 8  # GPUs that one check may ask for
FULL = 0.95  # of its memory: a card of 80 GB tells of 79.6
UNITS = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
PRECISIONS = ("ieee", "tf32")
EXAMPLE = '@pytest.mark.gpu(count=1, memory="8GB", shared=False, precision="ieee")'


class Need(Struct, frozen=True):
    """The GPUs that a check needs: `memory` bytes on each; `shared` with other checks that say so."""

    count: int = 1
    memory: int = 0
    shared: bool = False
    precision: Literal["ieee", "tf32"] = "ieee"


def need_of(mark: pytest.Mark) -> Need | str:
    """Return what a mark `gpu` asks for, or a sentence about what is wrong with it."""
    if mark.args or mark.kwargs.keys() - set(Need.__struct_fields__):
        return "gpu has count, memory, shared and precision, by name"
    wrong = next((said for name, value in mark.kwargs.items() if (said := _wrong(name, value))), None)
    if wrong is not None:
        return wrong
    memory = in_bytes(mark.kwargs.get("memory", 0))
    return Need(**{**mark.kwargs, "memory": memory})


def _wrong(name: str, value: Any) -> str | None:
    """Say what is wrong with one value."""
    match name:
        case "count" if type(value) is not int or not 1 <= value <= MOST:
            return f"gpu: count is a number from 1 to {MOST}, and not {value!r}"
        case "memory" if not in_bytes(value):
            return f"gpu: {value!r} is not an amount of memory"
        case "shared" if type(value) is not bool:
            return f"gpu: shared is True or False, and not {value!r}"
        case "precision" if value not in PRECISIONS:
            return f'gpu: precision is "ieee" or "tf32", and not {value!r}'
    return None


def in_bytes(amount: object) -> int | None:
    """Return an amount of memory such as "1.5 GB" or a number of bytes; None if it is none."""
    if isinstance(amount, int) and not isinstance(amount, bool):
        return amount if amount >= 0 else None
    if not isinstance(amount, str):
        return None
    number, unit = amount[:-2].strip(), amount[-2:].upper()
    if unit not in UNITS or not number.replace(".", "", 1).isdigit():
        return None
    return int(float(number) * UNITS[unit])


def able(need: Need, devices: Sequence[Device]) -> list[Device]:
    """Return those of the devices that are large enough."""
    return [device for device in devices if device.memory >= FULL * need.memory]


def unmet(need: Need, devices: Sequence[Device], language: str = "en") -> str:
    """Say what of this need a machine with these devices lacks; nothing, if it has all."""
    large = len(able(need, devices))
    if large >= need.count:
        return ""
    few = len(devices) < need.count
    return LACKS[language if language in LACKS else "en"](need, len(devices) if few else large, few)


def _in_english(need: Need, have: int, few: bool) -> str:
    wanted = "a GPU" if need.count == 1 else f"{need.count} GPUs"
    if few:
        return f"needs {wanted}, and this machine has {have or 'none'}"
    return f"needs {wanted} of {_gigabytes(need)} GB, and this machine has {have or 'none'} so large"


def _in_chinese(need: Need, have: int, few: bool) -> str:
    has = f"只有 {have} 个" if have else "没有"
    if few:
        return f"需要 {need.count} 个 GPU，这台机器{has}"
    return f"需要 {need.count} 个 {_gigabytes(need)} GB 的 GPU，这台机器{has}这么大的"


def _gigabytes(need: Need) -> str:
    return f"{need.memory / UNITS['GB']:g}"


LACKS = {"en": _in_english, "zh": _in_chinese}
