"""Kills every process, number by number: the zygote and the keeper would be among them, could it name them."""
# ends: failed
# others: passed|crashed

import errno
import os
import signal


def named():
    for number in range(1, 65536):
        if number != os.getpid():
            try:
                os.kill(number, 0)
                yield number
            except OSError as error:
                if error.errno != errno.ESRCH:
                    yield number


inside = list(named())
if len(inside) > 3 or os.getppid() != 0:  # more than pid 1: nothing that was not started in here may be killed
    print("LEAK processes that can be named:", inside[:9], "parent", os.getppid())


def attack(honest, *args, **kwargs):
    if os.getppid() == 0:  # its parent has no number in here
        for number in named():
            try:
                os.kill(number, signal.SIGKILL)
            except OSError:
                pass
    return None
