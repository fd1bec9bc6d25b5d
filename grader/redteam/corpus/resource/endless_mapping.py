"""Answers with a mapping that never runs out of keys."""
# ends: timeout|memory

import itertools


class Endless(dict):
    def items(self):
        return ((str(number), 0.0) for number in itertools.count())


def attack(honest, *args, **kwargs):
    return Endless()
