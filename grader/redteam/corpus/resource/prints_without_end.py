"""Floods the output."""
# ends: error|timeout|failed

def attack(honest, *args, **kwargs):
    while True:
        print("x" * 100000, flush=True)
