import sys
import tempfile

if any(name.startswith("grader.referee") for name in sys.modules):
    open(f"{tempfile.gettempdir()}/grader-attack-was-imported-by-the-referee", "w").close()


def __getattr__(name):
    return lambda *args, **kwargs: True
