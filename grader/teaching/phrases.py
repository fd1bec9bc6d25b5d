"""What reports say in their own words, with English and Chinese side by side so that neither can be forgotten."""

from __future__ import annotations

from collections.abc import Callable

LANGUAGES = ("en", "zh")

OUTCOMES = {  # outcome: its name, what happened, what to try
    "passed": (("passed", "通过"), ("", ""), ("", "")),
    "failed": (
        ("wrong answer", "答案有误"),
        ("The answer is not the right one.", "结果不正确。"),
        (
            "Work a case of two or three numbers by hand, and print each intermediate value until one differs.",
            "用两三个数手算一个小例子，再逐步打印中间结果，看从哪一步开始不同。",
        ),
    ),
    "blocked": (
        ("not reached", "未执行"),
        ("Comes after a check that did not pass.", "需要先通过前面的检查。"),
        ("Mend the earlier check first; this one then runs.", "先修好前面的检查，这一项随后就会执行。"),
    ),
    "error": (
        ("raised an exception", "抛出异常"),
        ("Your code raised an exception.", "你的代码抛出了异常。"),
        (
            "Call the function yourself on a small input and read the last lines of the traceback.",
            "自己用一个小输入调用这个函数，看错误信息的最后几行。",
        ),
    ),
    "timeout": (
        ("took too long", "超时"),
        ("Your code did not answer in time.", "你的代码没有在规定时间内返回。"),
        (
            "Look for a loop that does not end, or for a Python loop over elements that one tensor operation could do.",
            "检查是否有不会结束的循环，或者可以用一次张量运算代替的逐元素循环。",
        ),
    ),
    "memory": (
        ("used too much memory", "内存超限"),
        ("Your code needed more memory than it may use.", "你的代码使用的内存超过了限制。"),
        (
            "Look for a list or a graph that grows with each step, and for a tensor larger than the result needs.",
            "检查是否有随步数不断增长的列表或计算图，或者比结果所需更大的张量。",
        ),
    ),
    "crashed": (
        ("ended the process", "进程中断"),
        ("The process that ran your code ended before it answered.", "运行你的代码的进程在返回之前就结束了。"),
        (
            "Look for exit() or os._exit(), for recursion without an end, and for views into memory that is too small.",
            "检查是否调用了 exit() 或 os._exit()，是否有无限递归，或者越界的内存视图。",
        ),
    ),
    "forbidden": (
        ("uses what is ruled out", "用了禁用的函数"),
        ("Your code calls something that this part rules out.", "你的代码调用了这一部分禁止使用的函数。"),
        (
            "Write this step yourself; the handout lists what each part rules out.",
            "这一步要自己实现；作业说明列出了各部分禁止使用的函数。",
        ),
    ),
    "not_attempted": (
        ("not written yet", "尚未完成"),
        ("This is not written yet.", "这一项还没有写。"),
        (
            "The handout says what it should do. A first version that is only partly right can earn points.",
            "作业说明写了它应该做什么。只对一部分的初稿也能得分。",
        ),
    ),
    "pending": (
        ("waits for a machine", "等待设备"),
        ("Needs hardware that this machine lacks, such as a GPU.", "需要这台机器没有的硬件，例如 GPU。"),
        (
            "Nothing to do: it runs later on another machine, and until then takes no points from you.",
            "不需要做什么：它会在另一台机器上补测，在那之前不扣分。",
        ),
    ),
    "invalid": (
        ("our check broke", "检查本身出错"),
        ("The check itself broke. That is not your fault.", "是检查本身出了错，不是你的问题。"),
        (
            "Nothing to do: your instructor sees this, and until it is mended it takes no points from you.",
            "不需要做什么：老师会看到，在修好之前不扣分。",
        ),
    ),
}

SENTENCES = {
    "after": ("Comes after “{titles}”, which did not pass.", "需要先通过“{titles}”。"),
    "same_hint": ("Same cause as “{title}” above.", "与上面的“{title}”原因相同。"),
    "grows": (
        "Print the shape of every intermediate result at two sizes, and see which grows faster than it should.",
        "在两种规模下打印每个中间结果的形状，看哪一个增长得比应有的快。",
    ),
    "costs": (
        "List what one call computes and keeps, with sizes: which of it could the answer do without?",
        "列出一次调用所计算和保存的东西及其大小：其中哪些是得出答案所不需要的？",
    ),
    "waits": (
        "Print on each rank before and after every collective: where do the ranks part, and why?",
        "在每个 rank 上，于每次集合通信前后打印：各 rank 从哪里开始分道扬镳，为什么？",
    ),
    "unwritten": ("Still to write: {names}.", "还没有写：{names}。"),
    "asked_given": ("{what}, given {inputs}", "{what}：{inputs}"),
    "asked_ranks": ("{what}, in {n:process|processes}", "{what}，在 {n} 个进程中"),
    "asked_script": (
        "your file, run by torchrun in {n:process|processes}; then: {then}",
        "用 torchrun 在 {n} 个进程中运行你的文件；然后：{then}",
    ),
    "section": ("{file}, {heading}", "{file}，{heading}"),
    "nearest_calls": ("{name} ({n} of {total:call|calls} alike)", "{name}（{total} 次调用中 {n} 次相同）"),
    "nearest_off": (
        "{name} (off by {off}, the solution by {solution})",
        "{name}（相差 {off}，标准解相差 {solution}）",
    ),
    "nearest_both": (
        "{name} ({n} of {total:call|calls} alike, then off by {off}, the solution by {solution})",
        "{name}（{total} 次调用中 {n} 次相同，其后相差 {off}，标准解相差 {solution}）",
    ),
    "nearest_several": ("{names} (each answers so)", "{names}（都这样回答）"),
    "graded": ("graded", "已评分"),
    "ungradable": ("could not be loaded", "无法加载"),
    "unfinished": ("not graded yet", "尚未评分"),
    "ungradable_try": (
        "Mend that and hand in again: nothing was run, so nothing could earn points.",
        "改好后重新提交：这次没有运行任何内容，所以没有得分。",
    ),
    "unfinished_student": (
        "Something broke on our side, so there is no grade yet. Your instructor sees this; you need not do anything.",
        "评分系统出了问题，所以还没有成绩。老师会看到，你不需要做什么。",
    ),
    "unfinished_instructor": ("Our side broke before it had a result.", "评分系统在得出结果之前出错。"),
    "checks_passed": ("{n} of {total:check|checks} passed", "{total} 项检查中通过 {n} 项"),
    "checks_broke": ("{n:check|checks} broke: {titles}", "{n} 项检查本身出错：{titles}"),
    "points_pending": ("{points} waiting for a machine", "{points} 分等待设备"),
    "short_pending": ("{points} pending", "{points} 分待测"),
    "short_undecided": ("{points} undecided", "{points} 分待定"),
    "points_undecided": ("{points} undecided: our check broke", "{points} 分待定：检查本身出错"),
    "forged": (
        "Graded without a sandbox: these results can be forged.",
        "未在沙箱中评分：这些结果可能被伪造。",
    ),
    "forged_why": (
        "The submitted code ran with the rights of the grader. Grade again with a sandbox before you rely on this.",
        "提交的代码以评分程序的权限运行。在依据这些结果之前，请在沙箱中重新评分。",
    ),
    "pretended": (
        "A rehearsal: the checks that need a GPU ran on the CPU. This is no grade, and is recorded nowhere.",
        "这是一次预演：需要 GPU 的检查在 CPU 上运行。这不是成绩，也没有存入成绩库。",
    ),
    "other_part": ("Other checks", "其他检查"),
}


class Amount(int):
    """A number that a phrase can agree with: `{n:check|checks}` is "1 check" or "3 checks"."""

    def __format__(self, spec: str) -> str:
        """Write the number with the noun that agrees with it."""
        if "|" not in spec:
            return super().__format__(spec)
        one, many = spec.split("|")
        return f"{int(self)} {one if self == 1 else many}"


def speaker(language: str, catalogue: dict[str, tuple[str, str]] = SENTENCES) -> Callable[..., str]:
    """Return `say(key, **values)` for a language; one that the catalogue lacks is answered in English."""
    column = LANGUAGES.index(language) if language in LANGUAGES else 0

    def say(key: str, **values: object) -> str:
        amounts = {k: Amount(v) if isinstance(v, int) else v for k, v in values.items()}
        return catalogue[key][column].format(**amounts)

    return say
