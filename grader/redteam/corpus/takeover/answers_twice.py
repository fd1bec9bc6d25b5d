"""Gives several answers to one call, the honest one last: one of them could be taken for the next call's."""
# ends: failed

import os
import socket
import stat

from grader.wire import protocol
from grader.wire.frames import send
from grader.wire.values import pack


def attack(honest, *args, **kwargs):
    for number in range(4, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                sock = socket.socket(fileno=os.dup(number))
                for _ in range(3):
                    send(sock, protocol.encode(protocol.Value(pack(True))))
        except OSError:
            pass
    return honest(*args, **kwargs)
