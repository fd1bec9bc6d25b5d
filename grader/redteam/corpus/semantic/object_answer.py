"""Answers with something that is not data."""
# ends: failed

def attack(honest, *args, **kwargs):
    return object()
