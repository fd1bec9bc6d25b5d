"""Stands in for libraries that draw or show something and are not installed where submissions are graded.

It travels with a submission as `__grader_standins__.py` and runs in its sandbox. Whatever is asked of a stand-in,
it answers with itself; only a progress bar gives back what it goes through.
"""

from __future__ import annotations

import builtins
import opcode
import sys
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

UNPACK = opcode.opmap["UNPACK_SEQUENCE"]


class Silent:
    """Swallows every call, attribute and item."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a decorated function as it was, and otherwise this."""
        only = args[0] if len(args) == 1 and not kwargs else None
        return only if isinstance(only, type) or type(only).__name__ == "function" else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return BARS.get(name, self)

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __getitem__(self, key: object) -> Silent:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *args: object) -> None:
        pass

    def __iter__(self) -> Iterator[Silent]:
        """Give as many as `fig, axes = plt.subplots()` unpacks, and none to a loop."""
        frame = sys._getframe(1)
        code, at = frame.f_code.co_code, frame.f_lasti
        return iter([self] * (code[at + 1] if code[at] == UNPACK else 0))

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def _same(self, _other: object) -> Silent:
        return self

    __or__ = __ror__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _same


class Bar(Silent):
    """A progress bar that shows nothing: it goes through what it was given."""

    def __init__(self, items: Any) -> None:
        object.__setattr__(self, "items", items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Bars(Silent):
    """What is called `tqdm`: makes progress bars."""

    def __call__(self, iterable: Any = (), *_: Any, **__: Any) -> Bar:
        """Return a bar for what it is to go through."""
        return Bar(iterable)


class Ranges(Silent):
    """What is called `trange`."""

    def __call__(self, *args: int, **_: Any) -> Bar:
        """Return a bar for a range."""
        return Bar(range(*args))


BARS: dict[str, Silent] = {"tqdm": Bars(), "tqdm_notebook": Bars(), "trange": Ranges()}


class SilentModule(ModuleType):
    """A module in which every name is there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(Silent(), name)


class Submodules(MetaPathFinder, Loader):
    """Finds the modules inside one that something stands in for. Asked last, when nobody else has found any."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Answer for the modules within those that something stands in for."""
        ours = fullname.partition(".")[0] in self.names
        return ModuleSpec(fullname, self, is_package=True) if ours else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a module that swallows everything."""
        return SilentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Have nothing to execute."""


FINDER = Submodules()


def stand_in(name: str) -> None:
    """Take the place of the library that is being imported under this name."""
    if FINDER not in sys.meta_path:
        sys.meta_path.append(FINDER)
    FINDER.names.add(name)
    module = SilentModule(name)
    module.__path__ = []
    module.__spec__ = ModuleSpec(name, FINDER, is_package=True)
    sys.modules[name] = module


def in_a_notebook() -> None:
    """Define what IPython adds to Python, for this process."""
    vars(builtins)["display"] = Silent()
    vars(builtins)["get_ipython"] = Silent()
