"""Cannot be imported."""
# ends: ungradable: ZeroDivisionError at tiny.py, line 

1 / 0


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
