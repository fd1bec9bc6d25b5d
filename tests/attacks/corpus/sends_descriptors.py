"""Answers its import with thousands of descriptors, one byte at a time."""
# expect: values passed; scale_values passed

import os
import socket
import struct
import time

import msgspec

wire = socket.socket(fileno=os.dup(3))
body = msgspec.msgpack.encode({"type": "loaded", "more": b"x" * 500})
for byte in struct.pack("<Q", len(body)) + body:
    socket.send_fds(wire, [bytes([byte])], [1, 1, 1, 1])
    time.sleep(0.001)  # no more than 256 may be under way
wire.close()


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
