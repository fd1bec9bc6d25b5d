"""Prints a run when it has ended: a table of many submissions, a page of one. Plain text where it is piped."""

from __future__ import annotations

import io
from collections.abc import Callable
from statistics import median

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.hookspecs import hookimpl
from grader.model import Gradesheet, Outcome, Report, Status, Tier
from grader.teaching.feedback import CheckFeedback, PartFeedback, by_part, shown_to_student, titled
from grader.teaching.notation import duration, encodable, legible, points, signed
from grader.teaching.phrases import speaker
from grader.teaching.release import level_of
from grader.teaching.standing import Standing, standing

WORDS = {
    "student": ("student", "学生"),
    "score": ("score", "得分"),
    "passed": ("passed", "通过"),
    "remarks": ("remarks", "备注"),
    "parts": ("parts", "各部分"),
    "start": ("start here", "先从这里开始"),
    "hint": ("hint", "提示"),
    "asked": ("asked", "检查的内容"),
    "handout": ("handout", "作业说明"),
    "nearest": ("nearest misconception", "最接近的误解"),
    "bonus": ("bonus", "附加"),
    "attention": ("needs your attention", "需要你处理"),
    "flagged": ("{n:needs|need} your attention", "{n} 份需要你处理"),
    "no_grade": ("no grade yet", "暂无成绩"),
    "nothing": ("nothing was handed in", "没有人提交"),
    "submissions": ("{n:submission|submissions} in {time}", "{n} 份提交，用时 {time}"),
    "stored": ("{n} from the gradebook", "{n} 份取自成绩库"),
    "not_for_release": ("for the instructor: not for release", "仅供教师查看，不得发布"),
    "see_full": ("why: grader show {attempt} --feedback full", "原因：grader show {attempt} --feedback full"),
    "median": ("median {median}", "中位数 {median}"),
}
LOOKS = {  # outcome: symbol, the same without Unicode, colour
    Outcome.PASSED: ("✓", "+", "green"),
    Outcome.FAILED: ("✗", "x", "red"),
    Outcome.BLOCKED: ("·", ".", "dim"),
    Outcome.NOT_ATTEMPTED: ("·", ".", "dim"),
    Outcome.PENDING: ("○", "o", "blue"),
    Outcome.INVALID: ("?", "?", "magenta"),
}
FAULT = ("!", "!", "yellow")  # student code misbehaved
PARTS_FROM = 100  # columns of a terminal; a narrower one has no room for the parts
PIPE = 10_000  # nothing wraps in a file


@hookimpl
def grader_run_finished(gradesheet: Gradesheet) -> None:
    """Print what came of the run."""
    show(gradesheet, Console(highlight=False))


def show(gradesheet: Gradesheet, console: Console) -> None:
    """Print a gradesheet, coloured and fitted on a terminal, plain and unwrapped elsewhere."""
    piped = Console(file=io.StringIO(), width=PIPE, color_system=None, highlight=False)
    chosen = console if console.is_terminal else piped
    with chosen.capture() as captured:
        chosen.print(_sheet(gradesheet, chosen.width, _unicode(console)))
    lines = captured.get().splitlines() if console.is_terminal else map(str.rstrip, captured.get().splitlines())
    console.file.write(encodable("\n".join(lines) + "\n", console.encoding))
    console.file.flush()


def _unicode(console: Console) -> bool:
    return console.encoding.lower().startswith("utf")


def _sheet(gradesheet: Gradesheet, width: int, symbols: bool) -> RenderableType:
    say = speaker(gradesheet.language)
    head: list[RenderableType] = [Text(legible(titled(gradesheet.assignment, gradesheet.language)), "bold")]
    if "none" in {gradesheet.sandbox, *(report.sandbox for report in gradesheet.submissions)}:
        head.append(Text(f"{say('forged')} {say('forged_why')}", "bold red"))
    if gradesheet.pretended:
        head.append(Text(say("pretended"), "bold blue"))
    match gradesheet.submissions:
        case ():
            body: RenderableType = Text(speaker(gradesheet.language, WORDS)("nothing"))
        case (report,):
            body = _page(report, gradesheet, symbols)
        case _:
            body = _class(gradesheet, width, symbols)
    return Group(*head, body)


# ---- many submissions ------------------------------------------------------------------------------------------


def _class(gradesheet: Gradesheet, width: int, symbols: bool) -> RenderableType:
    word = speaker(gradesheet.language, WORDS)
    parts = gradesheet.assignment.parts if width >= PARTS_FROM else ()
    table = Table(box=box.SIMPLE_HEAD if width != PIPE and symbols else None, pad_edge=False, padding=(0, 1))
    table.add_column(word("student"), overflow="ellipsis", no_wrap=True, min_width=8, max_width=min(60, width // 3))
    table.add_column(word("score"), justify="right", no_wrap=True)
    for number, _ in enumerate(parts, 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    table.add_column(word("passed"), justify="right", no_wrap=True)
    table.add_column(word("remarks"), overflow="fold", ratio=1)
    for report in gradesheet.submissions:
        table.add_row(*_row(report, gradesheet, shown=bool(parts)))
    named = (f"{number} {titled(part, gradesheet.language)}" for number, part in enumerate(parts, 1))
    legend = [Text(legible(f"{word('parts')}  {'  '.join(named)}"), "dim")] if parts else []
    return Group(table, *legend, _summary(gradesheet))


def _row(report: Report, gradesheet: Gradesheet, *, shown: bool) -> list[Text]:
    at = standing(report, gradesheet.language)
    parts = {part.part.id: part for part in by_part(report, gradesheet.assignment, gradesheet.language)}
    cells = [_cell(parts.get(part.id)) for part in gradesheet.assignment.parts] if shown else []
    passed = Text(f"{at.passed}/{at.total}" if at.total else "-")
    return [Text(_name(report)), _score(at), *cells, passed, _remarks(report, at, gradesheet.language)]


def _name(report: Report) -> str:
    return legible(report.student).replace("\n", " ").strip() or repr(report.student)


def _score(at: Standing) -> Text:
    if at.earned is None or at.share is None:
        return Text("-" if at.earned is None else points(at.earned), "magenta")
    return Text(f"{points(at.earned)}/{points(at.possible)}", "red" if at.low else "green")


def _cell(part: PartFeedback | None) -> Text:
    if part is None:
        return Text("-", "dim")
    colour = "magenta" if part.undecided else "blue" if part.pending else "" if part.earned else "dim"
    return Text(points(part.earned) + ("?" if part.undecided else "+" if part.pending else ""), colour)


def _remarks(report: Report, at: Standing, language: str) -> Text:
    said = Text()
    if at.attention:
        said.append(f"{speaker(language, WORDS)('attention')}: {legible(at.attention)}", "bold magenta")
    elif report.status is Status.UNGRADABLE:
        said.append(f"{at.label}: {legible(report.reason)}", "red")
    adjusted = (f"{signed(change.points)} {change.reason}" for change in report.adjustments)
    rest = [*(remark for remark in at.brief if not at.attention), *map(legible, adjusted)]
    return said.append(("; " if said and rest else "") + "; ".join(rest))


def _summary(gradesheet: Gradesheet) -> Text:
    say, word = speaker(gradesheet.language), speaker(gradesheet.language, WORDS)
    reports = gradesheet.submissions
    stands = [standing(report, gradesheet.language) for report in reports]
    earned = [at.earned for at in stands if at.counted and at.earned is not None]
    said = [word("submissions", n=len(reports), time=duration(gradesheet.seconds))]
    if earned:
        said.append(word("median", median=points(median(earned))))
    stored, flagged = sum(not report.regraded for report in reports), sum(bool(at.attention) for at in stands)
    unloadable = sum(report.status is Status.UNGRADABLE for report in reports)
    said += [word("stored", n=stored)] if stored else []
    said += [f"{unloadable} {say('ungradable')}"] if unloadable else []
    return Text("; ".join(said)).append(f"; {word('flagged', n=flagged)}" if flagged else "", "bold magenta")


# ---- one submission --------------------------------------------------------------------------------------------


def _page(report: Report, gradesheet: Gradesheet, symbols: bool) -> RenderableType:
    say, word = speaker(gradesheet.language), speaker(gradesheet.language, WORDS)
    level = level_of(gradesheet)
    seen = shown_to_student(report, gradesheet.assignment, gradesheet.language, level)
    lines: list[RenderableType] = [
        Text(f"{_name(report)}  ", "bold").append_text(_headline(report, seen.standing, word("no_grade")))
    ]
    if level == "full":
        lines.insert(0, Text(word("not_for_release"), "bold magenta"))
    if report.status is Status.UNGRADABLE:
        lines += [Text(f"{legible(report.reason)}\n{say('ungradable_try')}", "red")]
    elif attention := standing(report, gradesheet.language).attention:  # of our side, and said to whoever runs it
        lines += [Text(f"{word('attention')}: {legible(attention)}", "bold magenta")]
        lines += [Text(word("see_full", attempt=report.attempt), "dim")] if report.checks and level != "full" else []
    lines += [Text(legible(note), "dim") for note in seen.report.notes]
    for part in seen.parts:
        tier = {Tier.STRETCH: f" ({word('bonus')})", Tier.GPU: " (GPU)"}.get(part.part.tier, "")
        title = f"\n{part.number or ''} {legible(part.title)}{tier}  ".replace("\n ", "\n")
        lines.append(Text(title, "bold").append(f"{points(part.earned)}/{points(part.possible)}", "not bold"))
        lines += [Text(legible(f"{word('handout')}: {part.section}"), "dim")] if part.section else []
        lines += [line for check in part.checks for line in _check(check, word, symbols)]
    if seen.steps:
        lines.append(Text(f"\n{word('start')}", "bold"))
        firsts = (legible(step.hint or step.result.title) for step in seen.steps)
        lines += [_hanging(f"{n}.", Text(first)) for n, first in enumerate(firsts, 1)]
    return Group(*lines)


def _headline(report: Report, at: Standing, without: str) -> Text:
    said = Text(without, "magenta") if at.earned is None else _score(at)
    adjusted = [legible(f"{signed(change.points)} {change.reason}") for change in report.adjustments]
    rest = ([at.label] if at.earned is not None else []) + [*at.remarks, *adjusted]
    return said.append("".join(f"; {remark}" for remark in rest), "default")


def _check(check: CheckFeedback, word: Callable[..., str], symbols: bool) -> list[RenderableType]:
    fancy, plain, colour = LOOKS.get(check.result.outcome, FAULT)
    passed = check.result.outcome is Outcome.PASSED
    title = Text(legible(check.result.title))
    if not passed:
        title.append(f"  {check.label}", colour).append(
            f"  0/{points(check.result.points)}" if not check.open else "", "dim"
        )
    asked = f"{word('asked')}: {check.asked}" if check.asked else ""
    below = [Text(legible(said), "dim") for said in (asked, check.says) if said]
    if check.hint:
        below.append(Text(f"{word('hint')}: {legible(check.hint)}", "bold yellow"))
    if check.advice:
        below.append(Text(legible(check.advice), "dim"))
    if check.result.diagnosis and check.result.diagnosis.misconception:  # at the level `full` alone, as what follows
        below.append(Text(legible(check.result.diagnosis.misconception), "magenta"))
    if check.result.nearest:
        below.append(Text(legible(f"{word('nearest')}: {check.result.nearest}"), "magenta"))
    if check.result.detail:
        below.append(Text(legible(check.result.detail), "magenta"))
    return [_hanging(fancy if symbols else plain, title, colour), *(Padding(line, (0, 0, 0, 4)) for line in below)]


def _hanging(mark: str, text: Text, colour: str = "") -> Table:
    """Return text that wraps to the right of its mark."""
    row = Table.grid(padding=(0, 1))
    row.add_column(width=3, justify="right", style=colour)
    row.add_column(overflow="fold")
    row.add_row(mark, text)
    return row
