"""Answers, and sleeps on its way out: in atexit, in a destructor, in a thread that is not a daemon."""
# ends: passed

import atexit
import threading
import time


class Sleeper:
    def __del__(self):
        time.sleep(600)


def attack(honest, *args, **kwargs):
    atexit.register(time.sleep, 600)
    threading.Thread(target=time.sleep, args=(600,)).start()
    globals()["kept"] = Sleeper()
    return honest(*args, **kwargs)
