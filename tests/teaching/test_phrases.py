import string

import pytest

import grader_console
from grader.model import Outcome, Status
from grader.teaching.phrases import OUTCOMES, SENTENCES, speaker
from grader_html.words import WORDS


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("catalogue", [SENTENCES, WORDS, grader_console.WORDS], ids=["sentences", "pages", "console"])
def test_both_languages_say_the_same_things(catalogue):
    for key, (english, chinese) in catalogue.items():
        assert english, key
        assert chinese, key
        assert fields(english) == fields(chinese), key


def test_every_outcome_and_status_has_words():
    assert set(OUTCOMES) == {outcome.value for outcome in Outcome}
    assert {status.value for status in Status} <= set(SENTENCES)


def test_a_noun_agrees_with_its_number():
    say = speaker("en")
    assert say("checks_passed", n=0, total=1) == "0 of 1 check passed"
    assert say("checks_passed", n=1, total=2) == "1 of 2 checks passed"


def test_a_language_that_is_not_there_is_answered_in_english():
    assert speaker("fr")("graded") == "graded"
