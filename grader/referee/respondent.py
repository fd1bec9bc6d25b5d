"""What a check asks: `candidate` and `reference`, the fixtures' objects, and `same`, which compares the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from grader.checks import CheckFailed
from grader.errors import CheckDefect, WireError
from grader.model import Outcome, Part
from grader.referee.compare import difference
from grader.referee.faults import StudentFault, from_reply
from grader.referee.scripts import script
from grader.referee.usage import NOT_MEASURED, Used
from grader.wire.protocol import Call, Raised, Ranks, Reply, Script, Value
from grader.wire.values import pack, unpack

PROBES = "probes"
MOST_RANKS = 8


def problem_with(nprocs: object) -> str:
    """Say why so many ranks cannot be launched; nothing, if they can."""
    if type(nprocs) is not int:
        return f"{nprocs!r}, which is no number of ranks"
    return "" if 1 <= nprocs <= MOST_RANKS else f"{nprocs} ranks"


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
        self,
        student: Student,
        part: Part,
        seconds: float,
        memory: int | None,
        *,
        trusted: bool = False,
        nprocs: int | None = None,
    ) -> None:
        self._student = student
        self._part = part
        self._seconds = seconds
        self._memory = memory
        self._trusted = trusted
        self._nprocs = nprocs
        self.record: list[tuple[Call, Reply]] = []

    @property
    def used(self) -> Used:
        """What the last call used: processor time, and memory above what a process starts with. Zeros on trusted code.

        It is measured from outside, so it contradicts a count that a student's side forged: `at_most(..., measured=)`.
        """
        if not self.record:
            return NOT_MEASURED
        call, reply = self.record[-1]
        moved = len(call.arguments) + (len(reply.data) if isinstance(reply, Value) else 0)
        measured: Used = getattr(self._student, "used", NOT_MEASURED)
        return measured._replace(moved_bytes=moved)

    def run(self, probe: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Run a probe beside the student's code and return what it returns."""
        return self._value(probe, args, kwargs)

    def call(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the student's module and return what it returns."""
        return self._value(function, args, kwargs)

    def launch(
        self, probe: Any, /, *args: Any, nprocs: int | None = None, init_process_group: bool = True, **inputs: Any
    ) -> Any:
        """Run a probe in several processes at once and return the list of what it returns, one value a rank.

        Each gets the same inputs and asks torch.distributed for its rank. `nprocs` is that of the check's mark `ddp`
        if it is not given. Without `init_process_group` the student's code makes the group, from the environment that
        torchrun gives.
        """
        return self._value(probe, args, inputs, self._ranks(nprocs, init_process_group))

    def torchrun(
        self,
        *,
        then: Any,
        nprocs: int | None = None,
        args: Sequence[str] = (),
        files: Mapping[str, bytes | str] | None = None,
        may_fail: bool = False,
        **inputs: Any,
    ) -> Any:
        """Run the submission's own file as a script under torchrun, and return what a probe then finds.

        It runs in a fresh folder that holds `files`. The probe `then(student, run, **inputs)` is told what came of it:
        docs/communication.md. A run that does not end well fails the check, unless it `may_fail`.
        """
        if isinstance(then, str):
            raise CheckDefect(f"what comes after torchrun must be a probe, not {then!r}", step="write one in probes.py")
        wanted = self._ranks(nprocs).nprocs
        processes = script(wanted, args, files or {}, may_fail=may_fail, seconds=self._seconds)
        return self._value(then, (), inputs, processes)

    def _ranks(self, nprocs: int | None, init_process_group: bool = True) -> Ranks:
        wanted = self._nprocs if nprocs is None else nprocs
        if wanted is None:
            raise CheckDefect("a launch that does not say how many ranks", step="@pytest.mark.ddp(nprocs=2)")
        if problem := problem_with(wanted):
            raise CheckDefect(f"a launch with {problem}", step=f"nprocs from 1 to {MOST_RANKS}")
        return Ranks(wanted, init_process_group)

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

    def _value(self, target: Any, args: Any, kwargs: Any, processes: Ranks | Script | None = None) -> Any:
        __tracebackhide__ = True
        reply = self._reply(target, args, kwargs, processes)
        if not isinstance(reply, Value):
            fault = from_reply(reply, f"{_name(target)}()")
            if self._trusted:
                raise CheckDefect(f"the reference cannot answer {_name(target)}: {fault.message}")
            raise fault
        try:
            return unpack(reply.data)
        except WireError as error:
            raise StudentFault(Outcome.FAILED, f"the answer cannot be read: {error.problem}") from error

    def _reply(self, target: Any, args: Any, kwargs: Any, processes: Ranks | Script | None = None) -> Reply:
        is_probe = not isinstance(target, str)
        try:
            arguments = pack([list(args), kwargs])
        except WireError as error:
            raise CheckDefect(
                f"an input of {_name(target)} is not data: {error.problem}", step="define callables in a probe"
            ) from error
        forbidden = () if self._trusted else self._part.forbidden
        ranks = processes if isinstance(processes, Ranks) else None
        run = processes if isinstance(processes, Script) else None
        call = Call(_name(target), is_probe, arguments, self._part.names, forbidden, ranks, run)
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
        return self._compared(target, args, inputs, None, rtol, atol, name)

    def launch(
        self,
        probe: Any,
        /,
        *args: Any,
        nprocs: int | None = None,
        init_process_group: bool = True,
        rtol: float | None = None,
        atol: float | None = None,
        name: str = "the answer",
        **inputs: Any,
    ) -> Any:
        """Run a probe in several processes, for candidate and reference each, and compare: one value a rank.

        Raises:
            CheckFailed: with the kind of the first difference.
        """
        __tracebackhide__ = True
        ranks = self._candidate._ranks(nprocs, init_process_group)
        return self._compared(probe, args, inputs, ranks, rtol, atol, name)

    def _compared(
        self,
        target: Any,
        args: Any,
        inputs: Any,
        ranks: Ranks | None,
        rtol: float | None,
        atol: float | None,
        name: str,
    ) -> Any:
        __tracebackhide__ = True
        expected = self._reference._value(target, args, inputs, ranks)
        actual = self._candidate._value(target, args, inputs, ranks)
        found = difference(actual, expected, name=name, rtol=rtol, atol=atol)
        if found is not None:
            raise Differs(found)
        return expected
