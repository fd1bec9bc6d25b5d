"""Whatever students hand in, under whatever name, it is loaded or ungradable, with one sentence."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Ungradable
from grader.manager import build_manager
from grader.model import Loaded
from tests.fuzzing import fuzzed
from tests.intake.handed_in import PLUGINS, assignment
from tests.intake.hostile import ARCHIVES, CONTENT, MODULES, NAMES, NOTEBOOKS

MANAGER = build_manager(defaults=PLUGINS, installed=False)
ASSIGNMENT = assignment()
LONGEST = 600  # characters of a sentence


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("inbox")


def loaded(path: Path) -> Loaded | None:
    """Load a path through the hook; where it is ungradable, hold its sentence to what students may read."""
    try:
        made = MANAGER.hook.grader_load(assignment=ASSIGNMENT, path=path)
    except Ungradable as error:
        if not error.problem.isprintable() or len(error.problem) > LONGEST:
            pytest.fail(f"no sentence for a student: {error.problem!r}")
        return None
    assert isinstance(made, Loaded)
    return made


def can_be_written(made: Loaded) -> bool:
    """Whether the candidate can write these files beside each other, in its own folder."""
    folders = {str(above) for name in made.files for above in PurePosixPath(name).parents}
    names = [name.encode() for name in made.files]
    inside = all(name and not name.startswith("/") and ".." not in name.split("/") for name in made.files)
    return inside and made.entry in made.files and not folders & made.files.keys() and b"\0" not in b"".join(names)


def load_bytes(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.write_bytes(data)
    made = loaded(path)
    assert made is None or can_be_written(made)
    assert made is None or len(made.digest) == 64


@fuzzed(400)
@given(MODULES)
def test_a_module_is_loaded_or_ungradable(folder, data):
    load_bytes(folder, "ada.py", data)


@fuzzed(700)
@given(NOTEBOOKS)
def test_a_notebook_is_loaded_or_ungradable(folder, data):
    load_bytes(folder, "ada.ipynb", data)


@pytest.mark.parametrize("end", ARCHIVES)
def test_an_archive_is_loaded_or_ungradable(folder, end):
    @fuzzed(500)
    @given(ARCHIVES[end])
    def each(data):
        load_bytes(folder, f"ada{end}", data)

    each()


@fuzzed(100)
@given(st.sampled_from([".py", ".ipynb", ".zip", ".tar.gz", ".tgz", ".tar", ".7z", ".rar", "", ".", ".PY"]), MODULES)
def test_any_bytes_under_any_name_are_loaded_or_ungradable(folder, end, data):
    load_bytes(folder, f"ada{end}", data)


# ---- folders ---------------------------------------------------------------------------------------------------

FILE, LINK, LOOP, PIPE, DEVICE, FOLDER = "file", "link", "loop", "pipe", "device", "folder"
KINDS = st.sampled_from([FILE] * 6 + [LINK, LOOP, PIPE, DEVICE, FOLDER])
BYTE_NAMES = st.binary(min_size=1, max_size=5) | NAMES.map(lambda name: name.encode("utf-8", "replace"))
ENTRIES = st.lists(st.tuples(BYTE_NAMES, KINDS, CONTENT), max_size=6)


def make(root: bytes, name: bytes, kind: str, content: bytes) -> None:
    """Make one entry of a folder, where the system lets us."""
    parts = [part for part in name.split(b"/") if part not in (b"", b".", b"..")]
    path = Path(os.fsdecode(b"/".join([root, *parts])))
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "link":
            path.symlink_to("nowhere/in/particular")
        case "loop":
            path.symlink_to(os.fsdecode(root))
        case "pipe":
            os.mkfifo(path)
        case "device":
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero: it has no end
        case "folder":
            path.mkdir()
        case _:
            with path.open("xb") as file:  # never through a link
                file.write(content)


def made_folder(folder: Path, entries: list[tuple[bytes, str, bytes]]) -> Path:
    root = folder / "inbox"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for entry in entries:
        try:
            make(os.fsencode(root), *entry)
        except (OSError, ValueError):  # no file can have this name, or there is one
            continue
    return root


@fuzzed(300)
@given(ENTRIES)
def test_a_folder_is_loaded_or_ungradable(folder, entries):
    made = loaded(made_folder(folder, entries))
    assert made is None or can_be_written(made)


@fuzzed(200)
@given(ENTRIES)
def test_whatever_lies_in_an_inbox_is_found_and_loaded_or_ungradable(folder, entries):
    for submission in MANAGER.hook.grader_discover(assignment=ASSIGNMENT, path=made_folder(folder, entries)):
        assert submission.student
        loaded(submission.path)
