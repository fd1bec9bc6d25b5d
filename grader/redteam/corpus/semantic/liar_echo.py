"""Answers its input."""
# ends: failed

def attack(honest, x=None, *args, **kwargs):
    return x
