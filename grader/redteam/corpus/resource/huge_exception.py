"""Raises an exception at the end of a chain of ten thousand, with a message of a hundred million letters."""
# ends: error

class Loud(RuntimeError):
    def __str__(self):
        return "x" * 100_000_000

    __repr__ = __str__


def attack(honest, *args, **kwargs):
    error = Loud()
    for _ in range(10_000):
        error, before = Loud(), error
        error.__cause__ = error.__context__ = before
    raise error
