"""Where a run took place, as far as it can decide a result. Imports none of what it names: torch takes seconds."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from grader import __version__

PACKAGES = ("torch", "numpy", "pytest")


def environment() -> dict[str, str]:
    """Return the versions of python, the grader and what checks stand on."""
    versions = {"python": platform.python_version(), "grader": __version__}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "none"
    return versions
