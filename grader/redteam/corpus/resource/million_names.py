"""Defines a million names, and one of ten million letters."""
# ends: passed

globals().update({f"name_{number}": number for number in range(1_000_000)})
globals()["n" * 10_000_000] = 0


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
