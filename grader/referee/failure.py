"""How a check fails: everything that an author demands with raises this."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """The answer is not what it must be. Its text is all that a student reads: no value, no input."""
