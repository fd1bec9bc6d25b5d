"""Has the loader reply to every call that it raised ValueError, which some check may be waiting for."""
# ends: error
# others: error
# if it earns: a check of what is refused is passed by whoever refuses all; ask it `after` a check of values

import grader.candidate.loader
from grader.wire.protocol import Raised

grader.candidate.loader.answer = lambda *args, **kwargs: Raised(("ValueError", "Exception"))


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
