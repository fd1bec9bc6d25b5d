"""Leaves threads behind when it has been imported, which compute, and hold the interpreter's lock when it is forked."""
# ends: passed|timeout
# others: passed|timeout

import threading


def spin():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
