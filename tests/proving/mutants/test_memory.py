"""The reference's replies, remembered."""

from grader.proving.mutants.memory import Memory
from grader.wire.protocol import Call, Value


class Counting:
    """A reference that counts what it is asked."""

    def __init__(self):
        self.asked = []
        self.closed = False

    def ask(self, call, seconds, memory=None):
        self.asked.append(call)
        return Value(b"%d" % len(self.asked))

    def close(self):
        self.closed = True


def call(arguments):
    return Call("double", False, arguments)


def test_a_call_is_asked_once():
    known = Counting()
    memory = Memory(known)
    first = memory.ask(call(b"1"), 1.0)
    assert memory.ask(call(b"1"), 2.0) == first
    assert len(known.asked) == 1


def test_other_inputs_are_another_call():
    memory = Memory(Counting())
    assert memory.ask(call(b"1"), 1.0) != memory.ask(call(b"2"), 1.0)


def test_closing_ends_the_reference_and_keeps_what_it_said():
    known = Counting()
    memory = Memory(known)
    first = memory.ask(call(b"1"), 1.0)
    memory.close()
    assert known.closed
    assert memory.ask(call(b"1"), 1.0) == first
