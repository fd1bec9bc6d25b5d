"""Makes empty files without end, each of which takes a kilobyte of the kernel's memory and none of the disk's."""
# expect: values memory|timeout; scale_values passed

import os


def double(x):
    for folder in ("/tmp", "/work", "/dev/shm"):
        if os.fork() == 0:
            number = 0
            while True:
                os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
                number += 1
    while True:
        pass


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
