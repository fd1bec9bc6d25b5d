"""Stays below the limit in each of its processes, not in all together."""
# expect: values memory; scale_values passed

import os
import time


def double(x):
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(80 << 20)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(60)
    time.sleep(60)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
