"""Source is decoded as Python does it, from encodings of text."""

from __future__ import annotations

import pytest

from grader.errors import Ungradable
from grader.intake.source import read_text


@pytest.mark.parametrize("coding", ["undefined", "punycode", "unicode_escape", "rot13", "no-such-thing"])
def test_an_encoding_that_is_no_text_is_said_to_be_unknown(coding):
    with pytest.raises(Ungradable, match="names an encoding that is not known here: save it as UTF-8"):
        read_text(f"# coding: {coding}\nx = 1\n".encode(), "ada.py")


@pytest.mark.parametrize("coding", ["utf-8", "latin-1", "gbk", "ascii"])
def test_encodings_that_people_use_are_read(coding):
    assert read_text(f"# coding: {coding}\nx = 1\n".encode(), "ada.py").endswith("x = 1\n")
