"""Puts the hidden input into the text of an exception."""
# ends: error


def attack(honest, *args, **kwargs):
    raise ValueError(f"the input was {[getattr(arg, 'tolist', lambda: arg)() for arg in args]}")
