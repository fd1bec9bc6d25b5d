"""Each kind of difference is said in English and in Chinese, and there is no sentence that nothing can lead to."""

from __future__ import annotations

import re
import string

import pytest
import torch

from grader.referee.calibrated import beyond_budget
from grader.referee.compare import NOUNS as KINDS_OF_VALUES
from grader.referee.compare import difference
from grader.referee.places import places
from grader.teaching.differences import NOUNS, SENTENCES, noun
from grader.teaching.language import speaking
from tests.referee.test_arrangements import ARRANGEMENTS
from tests.referee.test_compare import DIFFERENCES, SEVERAL
from tests.referee.test_kinds import KINDS
from tests.referee.test_places import PLACES
from tests.referee.test_proportions import PROPORTIONS
from tests.referee.test_shapes import SHAPES

WRONG = [
    pytest.param(*case.values[:2], id=case.id)
    for case in (*DIFFERENCES, *SEVERAL, *KINDS, *ARRANGEMENTS, *PROPORTIONS, *SHAPES)
    if case.values[2]
]
SAME_IN_BOTH = r"NaN|None|b?float\d+|complex\d+|dtype|meta|cpu"  # and the places in an answer


def said_of_places(language: str) -> list[str]:
    with speaking(language):
        return ["".join(places(case.values[0]).values()) for case in PLACES]


def said_of_rounding(language: str) -> list[str]:
    exact, plain = torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([1.0, 2.0])
    with speaking(language):
        return [beyond_budget((exact + by).float(), exact, plain, 1e-7, name="it") or "" for by in (1e-6, 1.0)]


def said_of_answers(language: str) -> list[str]:
    with speaking(language):
        return [difference(*case.values) or "" for case in WRONG]


def everything_said(language: str) -> list[str]:
    return [*said_of_answers(language), *said_of_places(language), *said_of_rounding(language)]


def pattern(template: str) -> re.Pattern[str]:
    """Match what a template says, whatever its values are."""
    texts = [re.escape(text) for text, *_ in string.Formatter().parse(template)]
    return re.compile(".*".join(texts).replace(r"\ ", " ?"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sentence_is_said_of_some_answer(language):
    said = everything_said(language)
    column = ("en", "zh").index(language)
    unsaid = [key for key, both in SENTENCES.items() if not any(pattern(both[column]).search(text) for text in said)]
    assert unsaid == []


@pytest.mark.parametrize(("actual", "expected"), WRONG)
def test_a_chinese_sentence_has_no_english_in_it(actual, expected):
    with speaking("zh"):
        said = difference(actual, expected) or ""
    assert said.startswith("结果")
    bare = re.sub(r"^结果(\[[^\]]*\])*", "", said)
    assert re.findall(r"[A-Za-z]+\d*", re.sub(SAME_IN_BOTH, "", bare)) == []


def test_chinese_places_have_no_english_in_them():
    assert re.findall("[A-Za-z]+", "".join(said_of_places("zh"))) == []


def test_what_is_compared_keeps_the_name_that_its_author_gave_it():
    with speaking("zh"):
        assert difference(None, 1.0, name="the state") == "the state 是 None，而预期是浮点数"


@pytest.mark.parametrize("catalogue", [SENTENCES, NOUNS], ids=["sentences", "nouns"])
def test_both_languages_hold_the_same_values(catalogue):
    for key, both in catalogue.items():
        english, chinese = ({name for _, name, *_ in string.Formatter().parse(text) if name} for text in both)
        assert english == chinese, key


def test_every_kind_of_value_has_a_chinese_name():
    assert set(KINDS_OF_VALUES.values()) <= set(NOUNS)


def test_what_has_no_chinese_name_keeps_its_own():
    with speaking("zh"):
        assert [noun("a Decimal"), noun("a list")] == ["a Decimal", "列表"]
