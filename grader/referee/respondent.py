"""What a check asks: `candidate` and `reference`, the fixtures' objects, and `same`, which compares the two."""

from __future__ import annotations

from typing import Any, Protocol

from grader.checks import CheckFailed
from grader.errors import CheckDefect, WireError
from grader.model import Outcome, Part
from grader.referee.compare import difference
from grader.referee.faults import StudentFault, from_reply
from grader.wire.protocol import Call, Raised, Reply, Value
from grader.wire.values import pack, unpack

PROBES = "probes"


class Student(Protocol):
    """Anything that answers calls: a sandboxed submission, or a trusted module."""

    def ask(self, call: Call, seconds: float, memory: int | None = None) -> Reply:
        """Return the reply to one call."""


class Differs(CheckFailed):
    """The candidate's answer differs from the reference's on the same inputs."""


class Respondent:
    """A student as a check sees it: probes are run and functions called, and values come back.

    `record` keeps each call with its reply, for the diagnosis.
    """

    def __init__(
        self, student: Student, part: Part, seconds: float, memory: int | None, *, trusted: bool = False
    ) -> None:
        self._student = student
        self._part = part
        self._seconds = seconds
        self._memory = memory
        self._trusted = trusted
        self.record: list[tuple[Call, Reply]] = []

    def run(self, probe: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Run a probe beside the student's code and return what it returns."""
        return self._value(probe, args, kwargs)

    def call(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the student's module and return what it returns."""
        return self._value(function, args, kwargs)

    def raises(
        self, expected: type[BaseException] | tuple[type[BaseException], ...], target: Any, /, *args: Any, **kwargs: Any
    ) -> None:
        """Fail the check unless the call raises an exception of this class, or of one of these.

        Raises:
            CheckFailed: if it returns, or raises something else.
        """
        __tracebackhide__ = True
        kinds = expected if isinstance(expected, tuple) else (expected,)
        wanted = " or ".join(kind.__name__ for kind in kinds)
        reply = self._reply(target, args, kwargs)
        if isinstance(reply, Value):
            raise CheckFailed(f"nothing was raised where {wanted} is expected")
        fault = from_reply(reply, _name(target))
        if not isinstance(reply, Raised) or (
            fault.outcome is Outcome.NOT_ATTEMPTED and NotImplementedError not in kinds
        ):
            raise fault
        if not {kind.__name__ for kind in kinds} & set(fault.types):
            raise CheckFailed(f"{fault.message} was raised where {wanted} is expected")

    def _value(self, target: Any, args: Any, kwargs: Any) -> Any:
        __tracebackhide__ = True
        reply = self._reply(target, args, kwargs)
        if not isinstance(reply, Value):
            fault = from_reply(reply, f"{_name(target)}()")
            if self._trusted:
                raise CheckDefect(f"the reference cannot answer {_name(target)}: {fault.message}")
            raise fault
        try:
            return unpack(reply.data)
        except WireError as error:
            raise StudentFault(Outcome.FAILED, f"the answer cannot be read: {error.problem}") from error

    def _reply(self, target: Any, args: Any, kwargs: Any) -> Reply:
        is_probe = not isinstance(target, str)
        try:
            arguments = pack([list(args), kwargs])
        except WireError as error:
            raise CheckDefect(
                f"an input of {_name(target)} is not data: {error.problem}", step="define callables in a probe"
            ) from error
        forbidden = () if self._trusted else self._part.forbidden
        call = Call(_name(target), is_probe, arguments, self._part.names, forbidden)
        try:
            reply = self._student.ask(call, self._seconds, self._memory)
        except StudentFault as fault:
            if self._trusted:
                raise CheckDefect(f"the reference cannot answer {_name(target)}: {fault.message}") from fault
            raise
        self.record.append((call, reply))
        return reply


def _name(target: Any) -> str:
    """Return the name to call by.

    Raises:
        CheckDefect: if it is neither a function of probes.py nor a name.
    """
    if isinstance(target, str):
        return target
    name = getattr(target, "__name__", "")
    if getattr(target, "__module__", None) != PROBES or not name.isidentifier():
        raise CheckDefect(
            f"{name or target!r} is not a function of probes.py", step="move it there; a lambda cannot be sent"
        )
    return str(name)


class Same:
    """The fixture `same`: runs a probe, or calls a function, on candidate and reference and compares the answers."""

    def __init__(self, candidate: Respondent, reference: Respondent) -> None:
        self._candidate = candidate
        self._reference = reference

    def __call__(
        self,
        target: Any,
        /,
        *args: Any,
        rtol: float | None = None,
        atol: float | None = None,
        name: str = "the answer",
        **inputs: Any,
    ) -> Any:
        """Compare the answers leaf by leaf, by the table of tolerances. Returns the reference's.

        Raises:
            CheckFailed: with the kind of the first difference.
        """
        __tracebackhide__ = True
        expected = self._reference._value(target, args, inputs)
        actual = self._candidate._value(target, args, inputs)
        found = difference(actual, expected, name=name, rtol=rtol, atol=atol)
        if found is not None:
            raise Differs(found)
        return expected
