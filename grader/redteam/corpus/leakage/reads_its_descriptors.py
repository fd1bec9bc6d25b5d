"""Reads whatever the descriptors hold that it has inherited, from their beginning."""
# ends: passed

import os
import socket
import stat

for number in range(256):
    try:
        kind = os.fstat(number).st_mode
        target = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    if stat.S_ISSOCK(kind):
        try:
            data = socket.socket(fileno=os.dup(number)).recv(4096, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            data = b""
    elif stat.S_ISREG(kind):
        data = os.pread(number, 4096, 0)
    else:
        data = b"" if target in ("/dev/null", "/dev/urandom") else target.encode()
    if data and not (number in (1, 2) and target.startswith("/output/")):
        print("LEAK descriptor", number, target, data[:60])


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
