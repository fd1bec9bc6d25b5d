"""Cannot be imported."""
# expect: ungradable ZeroDivisionError at raises_at_import.py|tiny.py, line 4

1 / 0


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
