"""An autograder for deep-learning courses."""

from typing import Any

__version__ = "0.1.0"


def load_ipython_extension(ipython: Any) -> None:
    """Give a notebook the magic `%check` (`%load_ext grader`)."""
    from grader.checking.magic import register

    register(ipython)
