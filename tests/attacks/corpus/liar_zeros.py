"""Answers zeros."""
# expect: values failed; scale_values passed

def double(x):
    return x * 0


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
