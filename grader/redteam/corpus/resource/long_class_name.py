"""Raises an exception whose class has a name of thirty million letters, and a thousand ancestors."""
# ends: error|failed

def attack(honest, *args, **kwargs):
    kind = Exception
    for _ in range(1000):
        kind = type("A" * 30_000, (kind,), {})
    raise kind
