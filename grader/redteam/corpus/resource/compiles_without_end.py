"""Has a source of millions of terms compiled while it is imported."""
# ends: ungradable: longer than|memory|ended the process|MemoryError|RecursionError

compile("[" + "[0]+" * 20_000_000 + "0]", "huge", "eval")


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
