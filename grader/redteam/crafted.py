"""Attacks that are no module: notebooks and archives, each entered where it is written."""

from __future__ import annotations

from grader.redteam import archives, notebooks
from grader.redteam.craft import CRAFTED, Craft, crafted

__all__ = ["CRAFTED", "Craft", "archives", "crafted", "notebooks"]
