"""What is said where the student's side did not answer with a value, in English and in Chinese.

Lines, exit statuses, seconds and MB are written alike in both: `grader.teaching.leaks` knows them by that.
"""

from __future__ import annotations

from grader.teaching.language import spoken

WAITED = (
    "waited for others",
    "等待其他 rank",
)  # is in what is said of ranks that did not fit together, and nowhere else

SENTENCES = {
    # ---- the end of a process, and limits
    "out_of_time": (
        "{doing} took longer than {seconds} s; is there a loop that does not end?",
        "{doing} 用时超过 {seconds} s；是否有不会结束的循环？",
    ),
    "out_of_memory": ("{doing} used more than {megabytes} MB of memory", "{doing} 使用的内存超过 {megabytes} MB"),
    "cpu_time": ("{doing} used its {seconds} s of processor time", "{doing} 用完了它的 {seconds} s 处理器时间"),
    "exit": (
        "{doing} ended the process (exit status {status})",
        "{doing} 结束了进程（exit status {status}）",
    ),
    "signal": ("{doing} ended the process ({signal})", "{doing} 结束了进程（{signal}）"),
    # ---- replies
    "missing": ("{name} is not defined", "{name} 没有定义"),
    "bound": ("{name} is of type {kind}, not a function or class", "{name} 的类型是 {kind}，不是函数或类"),
    "forbidden": ("{name} may not be used in this part{at}", "这一部分不允许使用 {name}{at}"),
    "forbidden_alias": (
        "{written} calls {name}, which may not be used in this part{at}",
        "{written} 会调用 {name}，而这一部分不允许使用它{at}",
    ),
    "no_data": ("the answer cannot be compared: {reason}", "结果无法比较：{reason}"),
    "no_answer": ("{doing} gave no answer", "{doing} 没有给出结果"),
    "stub": ("not implemented yet{at}", "还没有实现{at}"),
    "gpu_memory": ("{doing} ran out of GPU memory{at}", "{doing} 用尽了 GPU 内存{at}"),
    "memory": ("{doing} ran out of memory{at}", "{doing} 用尽了内存{at}"),
    "raised": ("{kind}{at}{said}", "{kind}{at}{said}"),
    "some_exception": ("an exception", "一个异常"),
    "message": (": {message}", "：{message}"),
    "at_line": (" at {where}", "（{where}）"),
    "in_line": (" ({where})", "（{where}）"),
    # ---- several ranks
    "rank": ("rank {rank}", "rank {rank}"),
    "every_rank": ("every rank", "每个 rank"),
    "of_rank": ("{who}: {said}", "{who}：{said}"),
    "rank_unread": ("the answer of {who} cannot be read: {reason}", "{who} 的结果无法读取：{reason}"),
    "misfit": (
        "{who} called a collective that does not fit another rank's{at}",
        "{who} 调用的集合通信与另一个 rank 的不匹配{at}",
    ),
    "misfit_one": (
        "{who} called {call}, and another rank something else",
        "{who} 调用了 {call}，另一个 rank 调用的却不同",
    ),
    "misfit_two": (
        "{who} called {call} where {other} called {others}",
        "{who} 调用了 {call}，而 {other} 调用了 {others}",
    ),
    "size": (" on {size}{dtype} numbers", "（{size} 个{dtype} 数）"),
    "one_number": (" on {size}{dtype} number", "（{size} 个{dtype} 数）"),
    "then": ("; ", "；"),
    "comma": (", ", "、"),
    "stuck": ("{who} {text}", "{who} {text}"),
    "ranks": ("ranks {ranks} and {last}", "rank {ranks} 和 {last}"),
    "works": ("did not come to an end{at}", "没有结束{at}"),
    "waits": ("waited for others in {collective}{at}", "在 {collective} 中等待其他 rank{at}"),
    "waits_in_vain": ("waited for others in vain{at}", "白白等待其他 rank{at}"),
    "returned": ("had returned", "已经返回"),
    "over": ("had ended", "已经结束"),
}

say = spoken(SENTENCES)
