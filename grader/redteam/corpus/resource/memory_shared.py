"""Maps shared anonymous memory, which RLIMIT_DATA does not see."""
# ends: memory

import mmap
import time


def attack(honest, *args, **kwargs):
    kept = [mmap.mmap(-1, 64 << 20) for _ in range(8)]
    for block in kept:
        for at in range(0, len(block), 4096):
            block[at] = 1
    time.sleep(60)
