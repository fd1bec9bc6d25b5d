"""Sends its answer byte by byte, so that there is always something to read, and allocates meanwhile."""
# expect: values memory; scale_values passed

import os
import socket
import struct
import time


def wire():
    for number in reversed(range(3, 60)):
        try:
            return socket.socket(fileno=os.dup(number))
        except OSError:
            pass


def double(x):
    for _ in range(4):
        if os.fork() == 0:
            kept = bytearray(150 << 20)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(60)
    answer = wire()
    answer.sendall(struct.pack("<Q", 60 << 20))
    while True:
        answer.sendall(b"x")


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
