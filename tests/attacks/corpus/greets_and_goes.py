"""Has a process greet that is gone when it is to be killed: its number may be a stranger's by then."""
# expect: values timeout|crashed; scale_values timeout|crashed

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


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
