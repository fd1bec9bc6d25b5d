"""Raises SystemExit."""
# ends: error

import sys


def attack(honest, *args, **kwargs):
    sys.exit(0)
