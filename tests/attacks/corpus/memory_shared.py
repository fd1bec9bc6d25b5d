"""Maps shared anonymous memory, which RLIMIT_DATA does not see."""
# expect: values memory; scale_values passed

import mmap
import time


def double(x):
    kept = [mmap.mmap(-1, 64 << 20) for _ in range(8)]
    for block in kept:
        for at in range(0, len(block), 4096):
            block[at] = 1
    time.sleep(60)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
