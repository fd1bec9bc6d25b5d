"""Stops the process that forks the candidates."""
# expect: values failed; keeps_dtype[float32] blocked; scale_values passed|timeout; refuses_a_negative_factor passed|blocked

import os
import signal


def double(x):
    for pid in range(2, 50):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGSTOP)
            except OSError:
                pass
    return 3 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
