"""Answers its import with thousands of descriptors, one byte at a time."""
# ends: passed

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


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
