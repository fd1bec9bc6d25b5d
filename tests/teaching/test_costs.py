"""What is said of a budget is said in Chinese too, and the advice after it knows it in both languages."""

from __future__ import annotations

import re
import string

import pytest

from grader.checks import CheckFailed, agrees_with, at_most, grows
from grader.referee.budgets import SLACK
from grader.referee.usage import Used
from grader.teaching.costs import OVER_BUDGET, SENTENCES
from grader.teaching.language import speaking

DEMANDS = [
    pytest.param(lambda: at_most(320, 100), "FLOPs：是这一部分所允许的 3.2 倍", id="times"),
    pytest.param(lambda: at_most(1, 0, "memory"), "内存：超过这一部分所允许的", id="more"),
    pytest.param(lambda: agrees_with(0, Used(0.1, 2 * SLACK)), "内存：这次调用所用的内存远多于所计的", id="untrue"),
    pytest.param(lambda: at_most(None, 1), "FLOPs：所计的不是一个数", id="no number"),
    pytest.param(lambda: grows([1, 2, 4], [1]), "内存：要求 3 种规模，却有 1 个计数", id="other sizes"),
    pytest.param(lambda: grows([1, 2], [1, 4]), "你的内存按 n^2.0 增长；线性是 n^1.0", id="linear"),
    pytest.param(lambda: grows([1, 2], [1, 4], 0.1, "state"), "你的 state 按 n^2.0 增长；常数是 n^0.0", id="constant"),
    pytest.param(lambda: grows([1, 2], [1, 16], 2.0), "你的内存按 n^4.0 增长；二次是 n^2.0", id="quadratic"),
    pytest.param(lambda: grows([1, 2], [1, 16], 3.0), "你的内存按 n^4.0 增长；三次是 n^3.0", id="cubic"),
    pytest.param(lambda: grows([1, 2], [1, 4], 1.7), "你的内存按 n^2.0 增长；要求至多为 n^1.7", id="neither"),
]


def said(demand, language: str) -> str:
    with speaking(language), pytest.raises(CheckFailed) as failed:
        demand()
    return str(failed.value)


@pytest.mark.parametrize(("demand", "sentence"), DEMANDS)
def test_a_budget_that_was_not_kept_is_told_in_chinese(demand, sentence):
    assert said(demand, "zh") == sentence


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_too_large_is_known_by_its_words_and_nothing_else_is(language):
    over = [any(words in said(case.values[0], language) for words in OVER_BUDGET) for case in DEMANDS]
    assert over == [case.id in ("times", "more") for case in DEMANDS]


def test_every_sentence_is_said_in_both_languages_with_the_same_values():
    everything = "\n".join(said(case.values[0], "zh") for case in DEMANDS)
    for key, both in SENTENCES.items():
        english, chinese = ({name for _, name, *_ in string.Formatter().parse(text) if name} for text in both)
        assert english == chinese, key
        texts = [re.escape(text) for text, *_ in string.Formatter().parse(both[1])]
        assert re.search(".*".join(texts).replace(r"\ ", " ?"), everything), key
