"""What went wrong on the student's side is said in Chinese too, and no sentence is there that nothing leads to."""

from __future__ import annotations

import re
import string

import pytest

from grader.model import Outcome
from grader.referee.faults import StudentFault, ended, from_reply, out_of_memory, out_of_time
from grader.teaching.faults import SENTENCES, WAITED
from grader.teaching.language import speaking
from grader.teaching.leaks import OURS
from grader.wire.protocol import Bound, Forbade, Halted, Loaded, Missing, Place, Raised, Unsendable

HERE = "a.py, line 3"
REDUCES = Place(0, "waits", "all_reduce", HERE, (3, 4), "float32")
GATHERS = Place(1, "waits", "all_gather", HERE, (1,), "float32")


def halted(how: str, place: Place, *others: Place, **values: object) -> StudentFault:
    return from_reply(Halted(how, place, others, **values), "a launch")  # type: ignore[arg-type]


FAULTS = [
    pytest.param(lambda: out_of_time(2.5, "f()"), "f() 用时超过 2.5 s；是否有不会结束的循环？", id="time"),
    pytest.param(lambda: out_of_memory(300 << 20, "f()"), "f() 使用的内存超过 300 MB", id="memory of all"),
    pytest.param(lambda: ended(9, 19.5, 20, "f()"), "f() 用完了它的 20 s 处理器时间", id="processor time"),
    pytest.param(lambda: ended(3 << 8, 0, 20, "f()"), "f() 结束了进程（exit status 3）", id="exit"),
    pytest.param(lambda: ended(9, 0, 20, "f()"), "f() 结束了进程（SIGKILL）", id="signal"),
    pytest.param(lambda: from_reply(Missing("double"), "f()"), "double 没有定义", id="missing"),
    pytest.param(lambda: from_reply(Bound("f", "int"), "f()"), "f 的类型是 int，不是函数或类", id="bound"),
    pytest.param(lambda: from_reply(Forbade("f", HERE), "f()"), f"这一部分不允许使用 f（{HERE}）", id="forbidden"),
    pytest.param(
        lambda: from_reply(Forbade("aten::_softmax", HERE, "F.softmax"), "f()"),
        f"F.softmax 会调用 aten::_softmax，而这一部分不允许使用它（{HERE}）", id="forbidden, under another name",
    ),
    pytest.param(lambda: from_reply(Unsendable("a Foo"), "f()"), "结果无法比较：a Foo", id="no data"),
    pytest.param(lambda: from_reply(Loaded(), "f()"), "f() 没有给出结果", id="no answer"),
    pytest.param(
        lambda: from_reply(Raised(("ValueError",), HERE, "said so"), "f()"),
        f"ValueError（{HERE}）：said so", id="raised"
    ),
    pytest.param(lambda: from_reply(Raised(()), "f()"), "一个异常", id="raised nothing"),
    pytest.param(lambda: from_reply(Raised(("NotImplementedError",), HERE), "f()"), f"还没有实现（{HERE}）", id="stub"),
    pytest.param(lambda: from_reply(Raised(("MemoryError",)), "f()"), "f() 用尽了内存", id="memory"),
    pytest.param(lambda: from_reply(Raised(("OutOfMemoryError",)), "f()"), "f() 用尽了 GPU 内存", id="GPU memory"),
    pytest.param(
        lambda: halted("raised", Place(1, "raised", where=HERE), REDUCES, types=("ValueError",)),
        f"rank 1：ValueError（{HERE}）", id="a rank raised",
    ),
    pytest.param(
        lambda: halted("raised", Place(0, "raised"), Place(1, "raised"), types=("MemoryError",)),
        "每个 rank 用尽了内存", id="every rank raised",
    ),
    pytest.param(lambda: halted("unread", REDUCES, message="x"), "rank 0 的结果无法读取：x", id="a rank is not read"),
    pytest.param(
        lambda: halted("mismatch", Place(1, "raised", where=HERE), Place(0, "works")),
        f"rank 1 调用的集合通信与另一个 rank 的不匹配（{HERE}）", id="a collective that is not known",
    ),
    pytest.param(
        lambda: halted("mismatch", REDUCES, Place(1, "works")),
        f"rank 0 调用了 all_reduce（3x4 个 float32 数）（{HERE}），另一个 rank 调用的却不同",
        id="one collective is known",
    ),
    pytest.param(
        lambda: halted("mismatch", REDUCES, GATHERS),
        f"rank 1 调用了 all_gather（1 个数）（{HERE}），而 rank 0 调用了 all_reduce（3x4 个数）（{HERE}）",
        id="two collectives",
    ),
    pytest.param(
        lambda: halted("stuck", Place(2, "works", where=HERE), REDUCES, Place(1, "waits", "all_reduce", HERE)),
        f"rank 2 没有结束（{HERE}）；rank 0 和 1 在 all_reduce 中等待其他 rank（{HERE}）", id="one works",
    ),
    pytest.param(
        lambda: halted("stuck", Place(0, "answered"), Place(1, "answered"), Place(2, "answered"), Place(3, "ended")),
        "rank 0、1 和 2 已经返回；rank 3 已经结束", id="some are done",
    ),
    pytest.param(lambda: halted("stuck", Place(0, "raised")), "rank 0 白白等待其他 rank", id="in vain"),
]  # fmt: skip


def said(fault, language: str) -> str:
    with speaking(language):
        return fault().message


@pytest.mark.parametrize(("fault", "sentence"), FAULTS)
def test_a_fault_is_told_in_chinese(fault, sentence):
    assert said(fault, "zh") == sentence


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_waited_is_known_by_its_words(language):
    for case in FAULTS:
        waits = any(words in said(case.values[0], language) for words in WAITED)
        assert waits == (case.id in ("one works", "in vain")), case.id


@pytest.mark.parametrize("column", [0, 1])
def test_every_sentence_is_said_in_both_languages_with_the_same_values(column):
    everything = "\n".join(said(case.values[0], ("en", "zh")[column]) for case in FAULTS)
    for key, both in SENTENCES.items():
        english, chinese = ({name for _, name, *_ in string.Formatter().parse(text) if name} for text in both)
        assert english == chinese, key
        texts = [re.escape(text) for text, *_ in string.Formatter().parse(both[column])]
        assert re.search(".*".join(texts).replace(r"\ ", " ?"), everything), key


def test_our_own_numbers_are_known_as_ours_in_chinese():
    """What is bounded and of no input is not looked for among the hidden values."""
    for case in FAULTS[:4]:
        assert re.findall(r"\d", OURS.sub("", said(case.values[0], "zh"))) == []


def test_a_language_changes_no_outcome():
    for case in FAULTS:
        with speaking("zh"):
            chinese = case.values[0]()
        assert isinstance(chinese.outcome, Outcome)
        assert (chinese.outcome, chinese.types) == ((english := case.values[0]()).outcome, english.types)
