"""Fills the private file system."""
# expect: values error|memory; scale_values passed

def double(x):
    with open("/tmp/full", "wb") as file:
        while True:
            file.write(bytes(1 << 20))


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
