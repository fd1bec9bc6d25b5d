"""Raises KeyboardInterrupt."""
# ends: error

def attack(honest, *args, **kwargs):
    raise KeyboardInterrupt
