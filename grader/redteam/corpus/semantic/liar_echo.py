"""Answers its first argument."""
# ends: failed

def attack(honest, *args, **kwargs):
    return [*args, *kwargs.values(), None][0]
