"""Answers with a whole number of thirty million digits, which take hours to write down."""
# ends: timeout|failed|error

import sys


def attack(honest, *args, **kwargs):
    sys.set_int_max_str_digits(0)
    return 1 << 100_000_000
