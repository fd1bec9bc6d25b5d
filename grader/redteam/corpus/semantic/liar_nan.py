"""Answers NaN."""
# ends: failed

def attack(honest, x=None, *args, **kwargs):
    return x * float("nan")
