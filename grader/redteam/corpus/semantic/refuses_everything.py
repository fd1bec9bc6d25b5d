"""Raises, whatever it is given, an exception of every class that a check of refused input could ask for."""
# ends: error
# if it earns: ask whether something is refused `after` a check that what is right is not

class Refused(ValueError, TypeError, FloatingPointError, ZeroDivisionError, RuntimeError, KeyError, IndexError):
    pass


def attack(honest, *args, **kwargs):
    raise Refused
