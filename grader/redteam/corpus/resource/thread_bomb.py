"""Starts threads without end."""
# ends: error|timeout|crashed|memory

import threading
import time


def attack(honest, *args, **kwargs):
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()
