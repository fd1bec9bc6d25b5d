"""Has a regular expression try every way to split a text, in one call of C that lets nobody else run."""
# ends: timeout

import re


def attack(honest, *args, **kwargs):
    return bool(re.fullmatch(r"(x+x+)+y", "x" * 60))
