"""Says that a long answer follows, and sends a byte of it now and then."""
# ends: timeout

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
    answer = wire()
    answer.sendall(struct.pack("<Q", 1 << 20))
    while True:
        answer.sendall(b"x")
        time.sleep(0.2)
