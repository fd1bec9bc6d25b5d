"""Answers with an ellipsis, which selects everything."""
# ends: failed

def attack(honest, *args, **kwargs):
    return ...
