"""What is said while a submission is judged is said in one language."""

from __future__ import annotations

import pytest

from grader.teaching.language import speaking, spoken

say = spoken({"left": ("{name} lacks {n:item|items}", "{name} 缺少 {n} 项"), "nothing": ("nothing", "没有")})


def test_english_is_spoken_unless_something_else_is():
    assert say("left", name="it", n=1) == "it lacks 1 item"
    with speaking("zh"):
        assert say("left", name="it", n=1) == "it 缺少 1 项"
        with speaking("en"):
            assert say("nothing") == "nothing"
        assert say("nothing") == "没有"
    assert say("nothing") == "nothing"


def test_english_is_spoken_again_after_something_broke():
    with pytest.raises(ZeroDivisionError), speaking("zh"):
        raise ZeroDivisionError
    assert say("nothing") == "nothing"


def test_a_language_that_nobody_speaks_is_english():
    with speaking("fr"):
        assert say("nothing") == "nothing"


def test_chinese_stands_apart_from_latin_words_and_not_from_itself():
    with speaking("zh"):
        assert say("left", name="结果", n=2) == "结果缺少 2 项"
        assert say("left", name="w[0]", n=2) == "w[0] 缺少 2 项"
