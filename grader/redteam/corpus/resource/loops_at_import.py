"""Never finishes being imported."""
# ends: ungradable: longer than

while True:
    pass


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
