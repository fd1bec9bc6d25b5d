"""Answers its import as if a call had been made, with a value, and ends."""
# ends: ungradable: import

import os
import socket

from grader.wire import protocol
from grader.wire.frames import send
from grader.wire.values import pack

send(socket.socket(fileno=3), protocol.encode(protocol.Value(pack(True))))
os._exit(0)


def attack(honest, *args, **kwargs):
    return None
