import sys
import tempfile


class Same:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __eq__(self, other):
        return True

    def __bool__(self):
        return True


if any(name.startswith("grader.referee") for name in sys.modules):
    open(f"{tempfile.gettempdir()}/grader-attack-was-imported-by-the-referee", "w").close()


def __getattr__(name):
    return Same()
