"""Hands in a package called grader, and has every part of the real one forgotten where it runs."""
# ends: failed
# others: passed|failed|error|crashed

import sys

for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
    del sys.modules[name]

import grader.wire.answer  # its own, from here on


def attack(honest, *args, **kwargs):
    return None
