"""Starts threads without end."""
# expect: values error|timeout|crashed|memory; scale_values passed

import threading
import time


def double(x):
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
