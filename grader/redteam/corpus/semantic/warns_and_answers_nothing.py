"""Does nothing at all, with a warning: a check of what is left alone has nothing to object to."""
# ends: failed

import warnings


def attack(honest, *args, **kwargs):
    warnings.warn("nothing was done")
