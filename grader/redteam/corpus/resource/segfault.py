"""Reads address 0."""
# ends: crashed

import ctypes


def attack(honest, *args, **kwargs):
    ctypes.string_at(0)
