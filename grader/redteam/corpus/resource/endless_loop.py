"""Never answers."""
# ends: timeout

def attack(honest, *args, **kwargs):
    while True:
        pass
