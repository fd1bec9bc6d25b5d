"""Puts the hidden input into the text of an exception."""
# expect: values error; scale_values passed

def double(x):
    raise ValueError(f"the input was {x.tolist()}")


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
