"""Makes submissions as students do, and imports what is made of them as the candidate does: in another process."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.errors import Ungradable
from grader.manager import build_manager
from grader.model import Assignment, Loaded, Part

PLUGINS = ("grader_module", "grader_notebook", "grader_folder", "grader_archive", "grader_inbox")
STUB = "def double(x):\n    raise NotImplementedError\n"
WORK = "def double(x):\n    return 2 * x\n"

IMPORT = """
import importlib.util, json, sys
root, entry, module, expression = sys.argv[1:]
sys.path.insert(0, root)
spec = importlib.util.spec_from_file_location(module, f"{root}/{entry}")
student = sys.modules[module] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(student)
value = eval(expression, {"student": student})
print("\\n" + json.dumps([value, getattr(student, "__grader_notes__", [])]))
"""


def assignment(folder: Path = Path("nowhere")) -> Assignment:
    parts = (Part(id="all", title="All", points=100.0),)
    return Assignment(
        id="01_tiny_things", number=1, slug="tiny_things", title="Tiny", module="tiny", parts=parts, folder=folder
    )


def load(path: Path, of: Assignment | None = None) -> Loaded:
    """Load through the hook, as the pipeline does."""
    manager = build_manager(defaults=PLUGINS, installed=False)
    loaded = manager.hook.grader_load(assignment=of or assignment(), path=path)
    assert isinstance(loaded, Loaded)
    return loaded


def refusal(path: Path, of: Assignment | None = None) -> str:
    """Return the sentence for which a submission is not graded."""
    with pytest.raises(Ungradable) as caught:
        load(path, of)
    return caught.value.problem


def imported(loaded: Loaded, root: Path, expression: str = "None", *, check: bool = True) -> tuple[Any, list[str], str]:
    """Import the files in another process; return an expression's value, the notes and what went to stderr."""
    for name, data in loaded.files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    command = [sys.executable, "-c", IMPORT, str(root), loaded.entry, "tiny", expression]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root, stdin=subprocess.DEVNULL, timeout=60
    )
    if done.returncode:
        assert not check, done.stderr
        return None, [], done.stderr
    value, notes = json.loads(done.stdout.splitlines()[-1])
    return value, notes, done.stderr


def code(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def notebook(*cells: str | dict[str, Any], **more: Any) -> bytes:
    """Return a notebook of format 4; a text is a code cell."""
    made = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made, **more}).encode()


def write(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(path: Path, files: Mapping[str, bytes | str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: Sequence[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in members:
            info.size = len(content) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(content))
    return path
