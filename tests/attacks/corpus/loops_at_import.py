"""Never finishes being imported."""
# expect: ungradable longer than

while True:
    pass


def double(x):
    return 2 * x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
