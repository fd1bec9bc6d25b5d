"""Floods the output."""
# expect: values error|timeout|failed; scale_values passed

def double(x):
    while True:
        print("x" * 100000, flush=True)


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
