"""Allocates without end in small pieces."""
# ends: memory

def attack(honest, *args, **kwargs):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
