"""Wants to write its own code into pid 1 of the sandbox, which has no filter and no limits."""
# expect: values passed; scale_values passed; clean

for name in ("mem", "maps", "environ"):
    try:
        open(f"/proc/1/{name}", "r+b" if name == "mem" else "rb").close()
        print(f"LEAK /proc/1/{name} can be opened")
    except OSError:
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
