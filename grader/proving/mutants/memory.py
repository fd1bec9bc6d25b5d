"""The reference, as it is asked for mutant after mutant with the same inputs: it answers each call once."""

from __future__ import annotations

from grader.referee.grading import Known
from grader.wire.protocol import Call, Reply, encode


class Memory:
    """Remembers the replies of the reference. A fork of this process has what was remembered before it."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.replies: dict[bytes, Reply] = {}

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        """Return the reply to a call, which is asked where it has not been before."""
        key = encode(call)
        if key not in self.replies:
            self.replies[key] = self.known.ask(call, seconds, memory)
        return self.replies[key]

    def close(self) -> None:
        """End what the reference has started; what it has said is kept."""
        self.known.close()
