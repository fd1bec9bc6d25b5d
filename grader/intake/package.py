"""The files of a submission made into what is imported: the module that is meant, and what comes along with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from grader.errors import Ungradable
from grader.intake import limits
from grader.intake.choice import choose
from grader.intake.conversion import convert
from grader.intake.names import NOTEBOOK, listed, shown, suffix
from grader.intake.source import Module, examine
from grader.intake.standin import travelling
from grader.intake.tree import Tree
from grader.model import Assignment, Loaded


def load_one(data: bytes, name: str, assignment: Assignment) -> Loaded:
    """Make a file, which its student may have called anything, the assignment's module."""
    return _pack(_module(data, name), {}, assignment)


def load_tree(tree: Tree, assignment: Assignment, place: str) -> Loaded:
    """Make the file that is meant the assignment's module; the others come along, so that it can import them.

    Raises:
        Ungradable: if no file, or more than one, can be meant, or it is no Python.
    """
    place, wanted = shown(place), f"{assignment.module}.py"
    chosen = choose(tree.files, assignment, place)
    beside = _beside(tree.files, chosen, wanted)
    size = sum(map(len, beside.values()))
    if size > limits.CARRIED:
        most = limits.size(limits.CARRIED)
        raise Ungradable(f"{place} holds {limits.size(size)} beside {shown(chosen)}: hand in at most {most}")
    notes = [] if PurePosixPath(chosen).stem == assignment.module else [f"{shown(chosen)} was taken for {wanted}"]
    if tree.left_out:
        notes.append(f"what has more than {limits.size(limits.DATA)} was left behind: {listed(tree.left_out)}")
    return _pack(_module(tree.files[chosen], chosen), beside, assignment, *notes)


def _module(data: bytes, name: str) -> Module:
    return (convert if suffix(name) == NOTEBOOK else examine)(data, shown(name))


def _beside(files: Mapping[str, bytes], chosen: str, entry: str) -> dict[str, bytes]:
    """Return the files other than the chosen one and other notebooks, by where they are from the chosen one's folder.

    Those outside of that folder keep their place, unless another has it, be it as a folder or as a file.
    """
    above = chosen.rpartition("/")[0] + "/"
    others = {name: data for name, data in files.items() if name != chosen and suffix(name) != NOTEBOOK}
    inside = {name.removeprefix(above): data for name, data in others.items() if name.startswith(above)}
    inside = _without_clashes(inside, {entry})
    return {**_without_clashes(others, {entry, *inside}), **inside}


def _without_clashes(files: Mapping[str, bytes], taken: Collection[str]) -> dict[str, bytes]:
    """Leave out what would need a folder where a file is, or has the name of a folder that is needed."""
    folders = {str(folder) for name in taken for folder in PurePosixPath(name).parents}
    return {
        name: data
        for name, data in files.items()
        if name not in folders and not any(str(folder) in taken for folder in PurePosixPath(name).parents)
    }


def _pack(module: Module, beside: Mapping[str, bytes], assignment: Assignment, *notes: str) -> Loaded:
    entry = f"{assignment.module}.py"
    more, said = travelling(module, beside)
    return Loaded({**beside, entry: module.source, **more}, entry, (*notes, *module.notes, *said))
