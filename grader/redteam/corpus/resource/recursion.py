"""Calls itself without end."""
# ends: error

def attack(honest, *args, **kwargs):
    return attack(honest, *args, **kwargs)
