"""Answers with an object whose unpickling would run code."""
# expect: values failed; scale_values passed

import os


def double(x):
    class Evil:
        def __reduce__(self):
            return os.system, ("true",)
    
    return Evil()


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
