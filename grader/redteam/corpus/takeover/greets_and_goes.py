"""Has a process greet that is gone when it is to be killed: its number may be a stranger's by then."""
# ends: timeout|crashed
# others: timeout|crashed

import os
import time

import grader.candidate.loader


def candidate(call, *_):
    if os.fork() == 0:
        call.send(b"\x01")
        os._exit(0)
    os.wait()
    time.sleep(60)


grader.candidate.loader._candidate = candidate


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
