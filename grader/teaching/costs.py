"""What is said of a budget that was not kept, in English and in Chinese."""

from __future__ import annotations

from grader.teaching.language import spoken

OVER_BUDGET = (
    "this part allows",
    "这一部分所允许",
)  # is in what is said of a count that is too large, and in nothing else

SENTENCES = {
    "times": ("{name}: {times} times what this part allows", "{name}：是这一部分所允许的 {times} 倍"),
    "more": ("{name}: more than this part allows", "{name}：超过这一部分所允许的"),
    "untrue": (
        "{name}: the call needed far more memory than was counted",
        "{name}：这次调用所用的内存远多于所计的",
    ),
    "no_number": ("{name}: what was counted is no number", "{name}：所计的不是一个数"),
    "other_sizes": (
        "{name}: {sizes} sizes were asked for, and there are {counts} counts",
        "{name}：要求 {sizes} 种规模，却有 {counts} 个计数",
    ),
    "grows": ("your {name} grows like n^{power}; {allowed}", "你的 {name} 按 n^{power} 增长；{allowed}"),
    "constant": ("constant is n^0.0", "常数是 n^0.0"),
    "linear": ("linear is n^1.0", "线性是 n^1.0"),
    "quadratic": ("quadratic is n^2.0", "二次是 n^2.0"),
    "cubic": ("cubic is n^3.0", "三次是 n^3.0"),
    "at_most": ("at most n^{power} is asked for", "要求至多为 n^{power}"),
}

NAMES = {
    "memory": ("memory", "内存"),
    "FLOPs": ("FLOPs", "FLOPs"),
}  # that at_most and grows have where nobody gives one

say = spoken(SENTENCES)
_named = spoken(NAMES)


def named(what: str) -> str:
    """Return what was counted, in the language that is spoken; an author's own words stay as they are."""
    return _named(what) if what in NAMES else what
