"""Raises an exception that never finishes saying what it is."""
# ends: error|timeout

class Kind(type):
    @property
    def __name__(cls):
        while True:
            pass


class Endless(RuntimeError):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def attack(honest, *args, **kwargs):
    open("/dev/null/" + Endless().__str__())
