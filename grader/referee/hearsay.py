"""What the student's side says in words, reduced to names that were there before any input was drawn.

Who answers with an exception or a missing name chooses its words, and has seen the inputs of that call: a class made
at run time could be named after them. A name passes only if Python, torch or a file that was handed in or handed out
has it; a line only if it can be one of those files'. What a library is said to have written stays, cleaned and cut.
"""

from __future__ import annotations

import builtins
import re
import types
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePosixPath

import torch
from msgspec.structs import replace

from grader.wire.protocol import Bound, Call, Forbade, Halted, Missing, Place, Raised, Reply, Unsendable

WORD = re.compile(r"[^\W\d]\w{0,59}")
DOTTED = re.compile(r"(?=.{1,60}\Z)[^\W\d]\w*(?:\.[^\W\d]\w*)*")
LINE = re.compile(r"(.{1,40}), line (\d{1,6})")
CELL = re.compile(r"cell \d{1,4}")
OF_PYTHON = {*dir(builtins), *(kind.__name__ for kind in vars(types).values() if isinstance(kind, type))}
OF_TORCH = {*dir(torch), *dir(torch.nn), *dir(torch.optim), "_LinAlgError", "LinAlgError", "AxisError", "LRScheduler"}
OF_RANKS = {*dir(torch.distributed), "backward", "wait", "DistributedDataParallel"}
KNOWN = frozenset(OF_PYTHON | OF_TORCH | {"NoneType", "coroutine", "ndarray"})
UNSENDABLE = re.compile(
    r"a (\w+) is not data and cannot be sent|a numpy array of (\w+) cannot be sent"
    r"|a dict with a key of type (\w+) cannot be sent"
    r"|a torch\.(\w+) tensor of (\w+) on (?:cpu|meta|cuda:\d) cannot be sent"
    r"|an answer is nested more than 64 deep"
)
UNREAD = re.compile(r"an answer of \d+ MB; the limit is \d+ MB|bytes that are not a reply(?:: \w+)?")
SOURCES = (".py", ".ipynb")
NOT_DATA = "something in it is not data"


class Vocabulary:
    """The names that a submission had before its checks ran, and the lines of its files."""

    def __init__(self, files: Mapping[str, bytes], handed_out: str = "") -> None:
        self._files = files
        self._handed_out = handed_out

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The sources, by the names that a traceback gives them. Read when words come up: most replies are values."""
        named = {PurePosixPath(name): data for name, data in self._files.items()}
        return {path.name: data.decode(errors="replace") for path, data in named.items() if path.suffix in SOURCES}

    @cached_property
    def words(self) -> frozenset[str]:
        """The names that say nothing of an input."""
        return frozenset(WORD.findall(" ".join([self._handed_out, *self._texts.values()]))) | KNOWN

    def reduced(self, reply: Reply, call: Call) -> Reply:
        """Return a reply to this call without words that could have been made of its inputs."""
        match reply:
            case Raised():
                return replace(
                    reply, types=tuple(filter(self.words.__contains__, reply.types)), where=self._line(reply)
                )
            case Missing():
                return Missing(self._word(reply.name, call.target))
            case Bound():
                return Bound(self._word(reply.name, call.target), self._word(reply.kind, "object"))
            case Forbade():
                name = reply.name if reply.name in call.forbidden else ", ".join(call.forbidden[:1])
                return Forbade(name, self._line(reply), self._written(reply.written))
            case Unsendable():
                return Unsendable(self._reason(reply.reason))
            case Halted():
                return self._halted(reply, call)
        return reply

    def _halted(self, reply: Halted, call: Call) -> Halted:
        """Keep numbers of ranks that were there, and of what could not be read that it could not."""
        launch = call.ranks or call.script
        ranks = launch.nprocs if launch else 1
        others = tuple(self._place(place) for place in reply.others if place.rank in range(ranks))
        place = self._place(reply.place if reply.place.rank in range(ranks) else replace(reply.place, rank=0))
        types = tuple(filter(self.words.__contains__, reply.types))
        said = NOT_DATA if reply.how == "unread" and not UNREAD.fullmatch(reply.message) else reply.message
        return replace(reply, types=types, place=place, others=others, message=said)

    def _word(self, name: str, otherwise: str) -> str:
        return name if name in self.words else otherwise

    def _written(self, call: str) -> str:
        """Keep how a call is written, if it is a dotted name that one of the files has."""
        is_one = DOTTED.fullmatch(call) and any(call in text for text in self._texts.values())
        return call if is_one else ""

    def _place(self, place: Place) -> Place:
        known = place.collective in OF_RANKS or place.collective in self.words
        collective = place.collective if known else ""
        dtype = place.dtype if place.dtype in self.words else ""
        return replace(place, where=self._line(place), collective=collective, dtype=dtype)

    def _line(self, reply: Raised | Forbade | Place) -> str:
        found = LINE.fullmatch(reply.where)
        return reply.where if found and 0 < int(found[2]) <= self._length(found[1]) else ""

    def _length(self, name: str) -> int:
        """Return how many lines a file has, or at most a cell."""
        texts = self._texts.values() if CELL.fullmatch(name) else [self._texts.get(name)]
        return max((text.count("\n") + 1 for text in texts if text is not None), default=0)

    def _reason(self, reason: str) -> str:
        """Keep which type it is, without the keys on the way there."""
        found = UNSENDABLE.fullmatch(reason.partition(" (at ")[0])
        return found[0] if found and self.words.issuperset(filter(None, found.groups())) else NOT_DATA
