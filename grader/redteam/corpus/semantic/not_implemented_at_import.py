"""Raises what a stub raises, while it is imported."""
# ends: ungradable: NotImplementedError

raise NotImplementedError


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
