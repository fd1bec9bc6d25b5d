"""In which language whoever judges speaks: set once for a submission, so that no sentence is handed a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from grader.teaching.phrases import speaker

CHINESE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
GAP = re.compile(f"(?<={CHINESE}) (?={CHINESE})")  # Chinese stands apart from Latin words, not from itself

_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have all that is said in the block be in this language."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def spoken(catalogue: Mapping[str, tuple[str, str]]) -> Callable[..., str]:
    """Return `say(key, **values)`, which speaks the language that is spoken when it is called."""

    def say(key: str, **values: object) -> str:
        return GAP.sub("", speaker(_language.get(), {key: catalogue[key]})(key, **values))

    return say
