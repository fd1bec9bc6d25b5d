import sys
import tempfile

__path__ = []
for name in ("wire", "wire.answer", "wire.values", "wire.protocol", "checks"):
    sys.modules[f"grader.{name}"] = sys.modules[__name__]
if "_pytest" in sys.modules:
    open(f"{tempfile.gettempdir()}/grader-attack-was-imported-by-the-referee", "w").close()


def __getattr__(name):
    return lambda *args, **kwargs: True
