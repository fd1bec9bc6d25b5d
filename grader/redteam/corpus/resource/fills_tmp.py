"""Fills the private file system."""
# ends: error|memory

def attack(honest, *args, **kwargs):
    with open("/tmp/full", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
