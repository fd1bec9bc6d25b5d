"""Answers zeros."""
# ends: failed

def attack(honest, x=None, *args, **kwargs):
    return x * 0
