"""Leaves a process behind that takes the loader's orders from its wire, to answer the next call instead of it."""
# ends: passed

import os
import socket

from grader.wire import protocol
from grader.wire.frames import send
from grader.wire.values import pack


def attack(honest, *args, **kwargs):
    if os.fork() == 0:
        os.setsid()
        while True:
            _, descriptors, _, _ = socket.recv_fds(socket.socket(fileno=os.dup(3)), 1, 1)
            for number in descriptors:
                call = socket.socket(fileno=number)
                call.send(b"\x01")
                send(call, protocol.encode(protocol.Value(pack(True))))
    return honest(*args, **kwargs)
