"""Blocks every signal and spins."""
# ends: timeout

import signal


def attack(honest, *args, **kwargs):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass
