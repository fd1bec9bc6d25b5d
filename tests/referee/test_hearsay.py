"""What a student's side made up after it saw the inputs does not pass: words, lines, places."""

import pytest

from grader.referee.hearsay import NOT_DATA, Vocabulary
from grader.wire.protocol import Bound, Call, Forbade, Halted, Missing, Place, Raised, Ranks, Unsendable, Value

SOURCE = b"class Diverged(ArithmeticError):\n    pass\n\ndef double(x):\n    raise Diverged\n"
FILES = {"sub/tiny.py": SOURCE, "data.bin": b"Smuggled\n" * 10}
CALL = Call("double", False, b"", ("double",), ("torch.sum",), Ranks(2))
MADE_UP = "x_0_4527_1_25"
VOCABULARY = Vocabulary(FILES, "def scaled(x): ...")


@pytest.mark.parametrize(
    "reply",
    [
        Raised(("Diverged", "ArithmeticError", "Exception"), "tiny.py, line 5", "a library's words"),
        Raised(("_LinAlgError", "RuntimeError"), "cell 7, line 2"),
        Missing("scaled"),
        Bound("double", "int"),
        Forbade("torch.sum", "tiny.py, line 1", "Diverged"),
        Unsendable("a Diverged is not data and cannot be sent"),
        Unsendable("a numpy array of object cannot be sent"),
        Unsendable("a dict with a key of type tuple cannot be sent"),
        Unsendable("a torch.sparse_coo tensor of float32 on cpu cannot be sent"),
        Unsendable("a torch.sparse_coo tensor of float32 on cuda:0 cannot be sent"),
        Unsendable("an answer is nested more than 64 deep"),
        Value(b"anything"),
        Halted("raised", Place(1, "raised", where="tiny.py, line 5"), (Place(0, "works"),), ("Diverged",), "words"),
        Halted("mismatch", Place(0, "raised", "all_reduce", "tiny.py, line 5", (3,), "float32")),
        Halted("stuck", Place(0, "waits", "wait", "cell 7, line 2"), (Place(1, "answered"),)),
        Halted("unread", Place(1, "ended"), message="an answer of 100 MB; the limit is 64 MB"),
    ],
    ids=str,
)
def test_what_an_honest_student_says_passes(reply):
    assert VOCABULARY.reduced(reply, CALL) == reply


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        (Raised((MADE_UP, "ValueError", "Exception")), Raised(("ValueError", "Exception"))),
        (Raised((MADE_UP,), f"{MADE_UP}.py, line 5"), Raised(())),
        (Raised(("ValueError",), "tiny.py, line 4527"), Raised(("ValueError",))),
        (Raised(("ValueError",), "tiny.py, line 0"), Raised(("ValueError",))),
        (Raised(("ValueError",), "cell 7, line 4527"), Raised(("ValueError",))),
        (Raised(("ValueError",), "data.bin, line 3"), Raised(("ValueError",))),
        (Raised(("ValueError",), MADE_UP), Raised(("ValueError",))),
        (Raised(("Smuggled", "ValueError")), Raised(("ValueError",))),
        (Missing(MADE_UP), Missing("double")),
        (Bound(MADE_UP, MADE_UP), Bound("double", "object")),
        (Forbade(MADE_UP, "tiny.py, line 900", MADE_UP), Forbade("torch.sum")),
        (Forbade("torch.sum", "", "raise Diverged"), Forbade("torch.sum")),
        (Unsendable(f"a Diverged is not data and cannot be sent (at [{MADE_UP!r}])"),
         Unsendable("a Diverged is not data and cannot be sent")),
        (Unsendable(f"a {MADE_UP} is not data and cannot be sent"), Unsendable(NOT_DATA)),
        (Unsendable("4527 1250"), Unsendable(NOT_DATA)),
        (Halted("raised", Place(1, "raised", where=f"{MADE_UP}.py, line 5"), types=(MADE_UP, "KeyError")),
         Halted("raised", Place(1, "raised"), types=("KeyError",))),
        (Halted("mismatch", Place(0, "raised", MADE_UP, dtype=MADE_UP)), Halted("mismatch", Place(0, "raised"))),
        (Halted("stuck", Place(4527, "works"), (Place(1250, "works"),)), Halted("stuck", Place(0, "works"))),
        (Halted("unread", Place(1, "ended"), message=MADE_UP), Halted("unread", Place(1, "ended"), message=NOT_DATA)),
    ],
    ids=str,
)  # fmt: skip
def test_what_could_have_been_made_of_an_input_does_not(reply, left):
    assert VOCABULARY.reduced(reply, CALL) == left
