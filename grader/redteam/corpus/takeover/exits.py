"""Ends the process with success."""
# ends: crashed

import os


def attack(honest, *args, **kwargs):
    os._exit(0)
