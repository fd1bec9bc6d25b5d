"""Makes gradesheets as they come in life: a class of forty in which every outcome and status occurs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from grader.model import (
    Adjustment,
    AssignmentSummary,
    CheckResult,
    Diagnosis,
    Gradesheet,
    Outcome,
    Part,
    Report,
    Section,
    Status,
    Tier,
)

SECRET = "expected 0.73415926"  # in every detail: no student's page may hold it
NEAREST = f"sign (1 of 2 calls alike, {SECRET})"
ASKED = 'The last iterate, given w0=float64[3], method="spsa", steps=[float, float, float, …]'
NOW = datetime(2026, 3, 9, 18, 30, tzinfo=UTC)

PARTS = (
    Part("mean", "Incremental mean", 10, title_zh="增量均值", names=("MeanEstimator",)),
    Part("robbins_monro", "Robbins–Monro iteration", 20, title_zh="罗宾斯–门罗迭代", names=("robbins_monro",)),
    Part("steps", "Step-size conditions", 20, title_zh="步长条件", names=("step_conditions", "sample_weights")),
    Part("optimizer", "SGD as stochastic approximation", 30, title_zh="作为随机逼近的 SGD", names=("SASGD",)),
    Part("kiefer_wolfowitz", "Kiefer–Wolfowitz", 20, title_zh="基弗–沃尔福威茨", names=("kiefer_wolfowitz",)),
    Part("moments", "Exact moments", 20, Tier.STRETCH, title_zh="精确矩", names=("linear_sa_moments",)),
)

SECTIONS = tuple(
    Section(part.id, language, file, f"{title} {number}")
    for language, file, title in (("en", "README.md", "Part"), ("zh", "README.zh.md", "部分"))
    for number, part in enumerate(PARTS[:5], 1)  # the handout lost one
)

# part, check, title, Chinese title, points, what it comes after
CHECKS = (
    ("mean", "mean_values", "The estimate is the mean of what was seen.", "估计值是已见样本的均值。", 4, ()),
    ("mean", "mean_merge", "Two estimators merge into one.", "两个估计器可以合并。", 3, ("mean_values",)),
    (
        "mean",
        "mean_float32",
        "A float32 mean stays exact on large data.",
        "大数据上 float32 均值保持精确。",
        3,
        ("mean_values",),
    ),
    ("robbins_monro", "rm_closed", "A noise-free problem follows its closed form.", "无噪声问题符合闭式解。", 8, ()),
    ("robbins_monro", "rm_calls", "Each step looks at one observation.", "每一步只看一个观测值。", 4, ("rm_closed",)),
    (
        "robbins_monro",
        "rm_traj",
        "The rows of the trajectory are not the same tensor.",
        "轨迹的各行不是同一个张量。",
        4,
        ("rm_closed",),
    ),
    (
        "robbins_monro",
        "rm_raises",
        "A step size that is not positive is refused.",
        "拒绝非正的步长。",
        4,
        ("rm_closed",),
    ),
    (
        "steps",
        "conditions",
        "The two conditions hold exactly where they should.",
        "两个条件恰好在应当成立处成立。",
        6,
        (),
    ),
    ("steps", "weights", "The weights say how much each sample counts.", "权重说明每个样本的贡献。", 8, ()),
    ("steps", "bias", "Bias and variance follow from the weights.", "偏差与方差由权重得出。", 6, ("weights",)),
    (
        "optimizer",
        "opt_path",
        "The path equals that of SGD with the same steps.",
        "路径与同样步长的 SGD 相同。",
        10,
        (),
    ),
    (
        "optimizer",
        "opt_average",
        "The average weighs every iterate equally.",
        "平均值对每个迭代点等权。",
        8,
        ("opt_path",),
    ),
    ("optimizer", "opt_resume", "A saved state resumes exactly.", "保存的状态可以精确恢复。", 6, ("opt_path",)),
    ("optimizer", "opt_gpu", "The same holds on a GPU.", "在 GPU 上同样成立。", 6, ("opt_path",)),
    (
        "kiefer_wolfowitz",
        "kw_path",
        "On a quadratic the path equals gradient descent.",
        "二次函数上路径等于梯度下降。",
        10,
        (),
    ),
    (
        "kiefer_wolfowitz",
        "kw_order",
        "The error falls with the square of the width.",
        "误差随宽度的平方下降。",
        6,
        ("kw_path",),
    ),
    (
        "kiefer_wolfowitz",
        "kw_spsa",
        "SPSA takes two evaluations a step.",
        "SPSA 每步只计算两次函数值。",
        4,
        ("kw_path",),
    ),
    ("moments", "mom_mean", "The mean of the error follows the recursion.", "误差均值符合递推式。", 8, ()),
    (
        "moments",
        "mom_average",
        "The variance of the average counts shared noise.",
        "平均值的方差计入共有噪声。",
        12,
        ("mom_mean",),
    ),
)

HINTS = {
    "rm_closed": (
        "sign",
        "g is positive when w is too large. Which way should w move?",
        "w 偏大时 g 为正，w 应往哪边走？",
    ),
    "rm_traj": ("alias", "Every row of your trajectory is the same tensor.", "轨迹的每一行都是同一个张量。"),
    "conditions": ("p_half", "What is the sum of squares at p = 1/2?", "p = 1/2 时平方和是多少？"),
    "weights": ("prefix", "Which later steps shrink sample k's influence?", "后面哪些步会削弱样本 k 的影响？"),
    "opt_average": (
        "ema",
        "How much weight does iterate 1 have after 100 steps?",
        "100 步之后第 1 个迭代点还有多少权重？",
    ),
    "mom_average": ("independent", "Consecutive iterates share their noise.", "相邻迭代点含有共同的噪声。"),
}

MESSAGES = {
    Outcome.FAILED: "the second output: the values differ, by up to a factor of two",
    Outcome.ERROR: "stochastic.py, line 41: RuntimeError: The size of tensor a (3) must match the size of tensor b (4)",
    Outcome.TIMEOUT: "no answer within 10 s",
    Outcome.MEMORY: "more than 1024 MB",
    Outcome.CRASHED: "the process ended with exit code 0 before it answered",
    Outcome.FORBIDDEN: "torch.cumsum is ruled out in this part (stochastic.py, line 17)",
    Outcome.INVALID: f"KeyError in the check: {SECRET}",
}

NAMES = (
    "ada", "Ada", "Ada Lovelace", "ben", "chloe", "dmitri", "emeka", "fatima", "goro", "hana", "ivan", "李雷", "韩梅梅",
    "<script>alert(1)</script>", "../../etc/passwd", '=HYPERLINK("http://x")', "O'Brien & Söhne", "  ", "a" * 120,
    "con", "محمد", "jürgen", "kofi", "lena", "marek", "nadia", "otto", "priya", "quentin", "rosa", "sven", "tariq",
    "uma", "viktor", "wanjiru", "ximena", "yusuf", "zoe", "{{ 7*7 }}", "王小明",
)  # fmt: skip


def check(
    row: tuple[str, str, str, str, float, tuple[str, ...]], outcome: Outcome, language: str = "en"
) -> CheckResult:
    part, name, title, title_zh, points, after = row
    zh = language == "zh"
    hint = HINTS.get(name) if outcome is Outcome.FAILED else None
    return CheckResult(
        name=name,
        part=part,
        title=title_zh if zh else title,
        points=points,
        earned=points if outcome is Outcome.PASSED else 0,
        outcome=outcome,
        message=MESSAGES.get(outcome, ""),
        diagnosis=Diagnosis(hint[0], hint[2 if zh else 1]) if hint else None,
        seconds=0.03,
        cpu_seconds=0.02,
        detail="" if outcome is Outcome.PASSED else f"Traceback (most recent call last):\n  {SECRET}, <b>got</b> 1.468",
        after=after,
        asked=ASKED if outcome is Outcome.FAILED else "",
        nearest=NEAREST if outcome is Outcome.FAILED and not hint else "",
    )


def outcomes(rng: random.Random, skill: float, **forced: Outcome) -> dict[str, Outcome]:
    """Draw how each check ended: the better the student, the more pass, and nothing runs after what did not pass."""
    drawn: dict[str, Outcome] = {}
    student_faults = [Outcome.FAILED] * 6 + [Outcome.ERROR] * 2 + [Outcome.NOT_ATTEMPTED] * 2
    for part, name, _, _, _, after in CHECKS:
        if name in forced:
            drawn[name] = forced[name]
        elif any(drawn[before] is not Outcome.PASSED for before in after):
            drawn[name] = Outcome.BLOCKED
        elif name == "opt_gpu":
            drawn[name] = Outcome.PENDING
        else:
            ease = skill - (0.3 if part == "moments" else 0)
            drawn[name] = Outcome.PASSED if rng.random() < ease else rng.choice(student_faults)
    return drawn


def report(student: str, drawn: dict[str, Outcome], language: str = "en", **fields: object) -> Report:
    checks = tuple(check(row, drawn[row[1]], language) for row in CHECKS)
    made = Report(
        student=student,
        path=f"submissions/03_stochastic_approximation/{student}.py",
        status=Status.GRADED,
        earned=sum(c.earned for c in checks),
        pending=sum(c.points for c in checks if c.outcome is Outcome.PENDING),
        possible=100,
        digest="9f2b" * 16,
        submitted=NOW - timedelta(hours=len(student)),
        checks=checks,
        seconds=1.25,
        cpu_seconds=0.9,
        sandbox="bwrap",
        attempt=1,
    )
    return replace(made, **fields)


def ungradable(student: str, reason: str) -> Report:
    return replace(report(student, dict.fromkeys((r[1] for r in CHECKS), Outcome.BLOCKED)), status=Status.UNGRADABLE,
                   reason=reason, checks=(), earned=0, pending=0)  # fmt: skip


def unfinished(student: str) -> Report:
    return replace(ungradable(student, f"the referee ended with signal 9: {SECRET}"), status=Status.UNFINISHED)


def sheet(*reports: Report, language: str = "en", sandbox: str = "bwrap") -> Gradesheet:
    return Gradesheet(
        assignment=AssignmentSummary(
            "03_stochastic_approximation", "Stochastic approximation", "c0ffee" * 10, 100, PARTS, "随机逼近", SECTIONS
        ),
        submissions=tuple(replace(r, sandbox=sandbox) for r in reports),
        started=NOW,
        seconds=41.7,
        sandbox=sandbox,
        environment={"grader": "0.1.0", "torch": "2.13.0", "python": "3.11.7", "machine": "cpu"},
        language=language,
    )


def classroom(language: str = "en", sandbox: str = "bwrap") -> Gradesheet:
    """Forty students: mostly drawn, the first few made to show what is rare."""
    rng = random.Random(3)
    reports = [report(name, outcomes(rng, rng.betavariate(5, 1.6)), language) for name in NAMES]
    rare = (Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED, Outcome.FORBIDDEN, Outcome.INVALID)
    for place, outcome in enumerate(rare, 3):
        forced = {"mean_float32": outcome, "mean_values": Outcome.PASSED}
        reports[place] = report(NAMES[place], outcomes(rng, 0.85, **forced), language)
    reports[0] = report("ada", {r[1]: Outcome.PASSED for r in CHECKS}, language, pending=0)
    reports[8] = ungradable("goro", "stochastic.py has a syntax error in line 12: 'return w +'")
    reports[9] = unfinished("hana")
    reports[10] = replace(
        reports[10],
        adjustments=(Adjustment(-10, "2 days late" if language == "en" else "迟交 2 天"),),
        earned=reports[10].earned - 10,
        notes=("cell 7 raised NameError and was passed over", "cell 9 has a magic, %timeit, which was passed over"),
        output="training...\rloss 0.31\r\n\x1b[31mdone\x1b[0m <i>\n",
        seconds=73.0,
    )
    reports[11] = report("李雷", dict.fromkeys((r[1] for r in CHECKS), Outcome.NOT_ATTEMPTED), language, regraded=False)
    return sheet(*reports, language=language, sandbox=sandbox)
