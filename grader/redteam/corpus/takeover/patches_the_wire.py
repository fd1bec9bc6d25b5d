"""Replaces the grader's own functions in its process."""
# ends: failed|crashed|error
# others: passed|failed|crashed|error

import sys

for name, module in list(sys.modules.items()):
    if name.startswith("grader."):
        for attribute in ("difference", "answer", "passed", "require", "assert_close"):
            if hasattr(module, attribute):
                setattr(module, attribute, lambda *a, **k: True)


def attack(honest, x=None, *args, **kwargs):
    return x
