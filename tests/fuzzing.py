"""How many examples a fuzz test tries: few and always the same in CI, and in `make fuzz` as many as it says."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
NUMBERS = st.integers(0, 2**64 - 1)


def fuzzed(examples: int) -> settings:
    """Return the settings of one test, which tries this many examples in CI."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes that were right, of which some were changed, cut out, repeated or moved."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(number % (len(data) + 1) for number in (draw(NUMBERS), draw(NUMBERS)))
        match draw(st.sampled_from(["flip", "cut", "end", "repeat", "insert", "overwrite"])):
            case "flip" if data:
                data[start % len(data)] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[start:end]
            case "end":
                del data[end:]
            case "repeat":
                data[start:start] = data[start:end] * draw(st.integers(1, 3))
            case "insert":
                data[start:start] = draw(st.binary(max_size=12))
            case _:
                piece = draw(st.binary(min_size=1, max_size=8))
                data[start : start + len(piece)] = piece
    return bytes(data)
