"""Sends its answer byte by byte, so that there is always something to read, and allocates meanwhile."""
# ends: memory

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


def attack(honest, *args, **kwargs):
    for _ in range(4):
        if os.fork() == 0:
            kept = bytearray(150 << 20)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(60)
    answer = wire()
    answer.sendall(struct.pack("<Q", 60 << 20))
    while True:
        answer.sendall(b"x")
