import re
from pathlib import Path

import pytest

import grader_html

STYLE = (Path(grader_html.__file__).parent / "templates/style.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in STYLE.split("@media", 2)[:2])
OUTCOMES = ("good", "wrong", "fault", "idle", "wait", "ours", "hint")
PAIRS = [
    *((text, ground) for text in ("ink", "muted", "accent") for ground in ("bg", "panel", "raised")),
    *((outcome, f"{outcome}-soft") for outcome in OUTCOMES),
    *((outcome, "panel") for outcome in OUTCOMES),
    *(("ink", f"{outcome}-soft") for outcome in OUTCOMES),
]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids=" on ".join)
def test_text_can_be_read_on_its_ground(mode, text, ground):
    """WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""
    brighter, darker = sorted((luminance(mode[text]), luminance(mode[ground])), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


def test_both_modes_name_the_same_colours():
    assert list(LIGHT) == list(DARK)
