"""Answers with an array whose dtype numpy cannot even parse."""
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
    array = msgspec.msgpack.encode({"dtype": ",,,", "shape": [1], "device": "numpy", "data": b"12345678"})
    data = msgspec.msgpack.encode(msgspec.msgpack.Ext(2, array))
    body = msgspec.msgpack.encode({"type": "value", "data": data})
    wire().sendall(struct.pack("<Q", len(body)) + body)
    os._exit(0)
