"""Allocates without end in small pieces."""
# expect: values memory; scale_values passed

def double(x):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
