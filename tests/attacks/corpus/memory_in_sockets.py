"""Fills sockets, which the kernel holds in memory that counts for no process."""
# expect: values memory; scale_values passed

import os
import socket
import time
from contextlib import suppress


def double(x):
    for _ in range(16):
        if os.fork() == 0:
            kept = []
            with suppress(OSError):
                for _ in range(110):
                    kept.append(socket.socketpair())
                    for end in kept[-1]:
                        end.setblocking(False)
                        with suppress(BlockingIOError):
                            while True:
                                end.send(b"x" * 65536)
            time.sleep(60)
    time.sleep(60)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
