"""Stays below the limit in each of its processes, not in all together."""
# ends: memory

import os
import time


def attack(honest, *args, **kwargs):
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(80 << 20)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(60)
    time.sleep(60)
