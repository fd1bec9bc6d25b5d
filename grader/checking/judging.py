"""How one call of a public check ended, in the words that a student reads."""

from __future__ import annotations

import re

import pytest

from grader.checking.deadline import TookTooLong
from grader.checking.places import Locate, last_place
from grader.checking.results import Place
from grader.checking.student import fill_gaps
from grader.model import Outcome

MOST_LINES = 12  # of what an assertion adds to its message
WORDS_OF_RAISES = re.compile(r"DID NOT RAISE (?:any of )?(.*)")
WHERE = re.compile(r"^ *\+ +(where|and) +")


def outcome_of(error: BaseException, locate: Locate) -> Outcome:
    """Tell a wrong answer from an exception in the student's code, and both from what is not written yet."""
    if isinstance(error, NotImplementedError) and _is_stub(error, locate):
        return Outcome.NOT_ATTEMPTED
    if isinstance(error, TookTooLong):
        return Outcome.TIMEOUT
    if isinstance(error, pytest.skip.Exception):
        return Outcome.PENDING
    if isinstance(error, AssertionError | pytest.fail.Exception) or last_place(error, locate) is None:
        return Outcome.FAILED
    return Outcome.ERROR


def message_of(error: BaseException) -> tuple[str, str]:
    """Return what an exception says, and what pytest adds to it."""
    if isinstance(error, AssertionError):
        first, _, rest = str(error).partition("\n")
        if first.startswith("assert "):  # there is no message: pytest's own explanation is all
            first, rest = "", str(error)
        return first.strip(), _shortened(rest.strip("\n"))
    if isinstance(error, pytest.fail.Exception):
        return WORDS_OF_RAISES.sub(_not_raised, str(error)), ""
    if isinstance(error, TookTooLong | pytest.skip.Exception):
        return str(error), ""
    return f"{type(error).__name__}: {error}", ""


def where(error: BaseException, locate: Locate) -> Place | None:
    """Return the innermost line that `locate` knows; of a check that took too long, where it was then."""
    return last_place(error.__cause__ if isinstance(error, TookTooLong) and error.__cause__ else error, locate)


def step_for(outcome: Outcome, part: int, alone: str) -> str:
    """Return what to try next."""
    handout = f"README.md, part {part}" if part else "README.md"
    steps: dict[Outcome, str] = {
        Outcome.FAILED: f"compare with {handout}; this check alone: {alone}",
        Outcome.ERROR: f"print what reaches that line, which is then shown here; this check alone: {alone}",
        Outcome.TIMEOUT: "look for a loop that never ends, or that does too little at a time",
    }
    return steps.get(outcome, "")


def _is_stub(error: NotImplementedError, locate: Locate) -> bool:
    """Whether the student's file raises it itself, or lacks the name: torch raises it as well, for other reasons."""
    if error.__traceback__ is None:
        return False
    last = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    code = last.tb_frame.f_code
    place = locate(code.co_filename, last.tb_lineno)
    return code.co_filename == fill_gaps.__code__.co_filename or (place is not None and place.code.startswith("raise"))


def _not_raised(match: re.Match[str]) -> str:
    names = re.findall(r"(\w+)'>", match[1]) or [match[1]]
    return f"{' or '.join(names)} should have been raised, and nothing was"


def _shortened(text: str) -> str:
    """Leave out pytest's lines that tell a student nothing, and what is too long."""
    told = [line for line in text.splitlines() if line != "assert False" and "<built-in method" not in line]
    lines = [WHERE.sub("  where ", line) for line in told]
    return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "..."])
