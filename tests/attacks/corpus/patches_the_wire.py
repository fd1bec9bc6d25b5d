"""Replaces the grader's own functions in its process."""
# expect: values failed|crashed|error

import sys

for name, module in list(sys.modules.items()):
    if name.startswith("grader."):
        for attribute in ("difference", "answer", "passed", "require", "assert_close"):
            if hasattr(module, attribute):
                setattr(module, attribute, lambda *a, **k: True)


def double(x):
    return x


class Scaler:
    def __init__(self, factor):
        if factor < 0:
            raise ValueError(factor)
        self.factor = factor

    def __call__(self, x):
        return self.factor * x
