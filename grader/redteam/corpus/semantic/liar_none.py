"""Answers None."""
# ends: failed

def attack(honest, *args, **kwargs):
    return None
