"""docs/commands.md: every command with its help; and each command line of the documentation is one that is taken."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs.reference.commands import every_command
from docs.reference.page import up_to_date
from grader.cli import COMMANDS, main
from grader.errors import Usage

from .pages import DOCS, ROOT, blocks, spans

PAGE = DOCS / "commands.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLANK = re.compile(r"\[[A-Z][^\]]*\]\.*|\.\.\.|…")  # what a line in prose leaves to the reader
OPTION = re.compile(r"--[a-z][a-z-]*|-[a-zA-Z]\b")


class AsTyped(click.Path):
    """A path that need not be there."""

    def convert(self, value, param, ctx):
        return Path(value)


def command_lines() -> Iterator[str]:
    """Yield each `grader ...` of a block, without what a shell would make of the rest of its line."""
    for block in blocks():
        for line in block.text.splitlines():
            words = line.strip().removeprefix("$ ").removeprefix("! ")
            if words.startswith("grader ") and block.page != PAGE.name:
                yield re.split(r"\s{2,}|\s[#|>]|\s&&", words)[0]


def mentioned() -> Iterator[str]:
    """Yield each `grader ...` within a line of prose."""
    yield from (span for _, span in spans() if span.startswith("grader ") and "::" not in span)


def parse(words: list[str]) -> click.Context:
    """Take a command line apart as `grader` does, and run nothing."""
    outer = click.Context(main, info_name="grader")
    _, behind, _ = main.make_parser(outer).parse_args(words)
    name, command, rest = main.resolve_command(outer, behind)
    return command.make_context(name, rest, parent=outer)


@pytest.fixture(autouse=True)
def _no_file_need_be_there(monkeypatch):
    monkeypatch.setattr(click.Path, "convert", AsTyped.convert)


def test_the_page_has_the_help_of_every_command():
    assert PAGE.read_text(encoding="utf-8") == up_to_date(PAGE), "docs/commands.md is stale: make docs"


@pytest.mark.parametrize(("name", "command"), every_command().items(), ids=[*every_command()])
def test_every_option_of_a_command_is_in_its_section(name, command):
    section = TEXT.partition(f"## {name}\n")[2].partition("\n## ")[0]
    options = [word for option in command.params if isinstance(option, click.Option) for word in option.opts]
    assert [option for option in options if not re.search(rf"(?<!\S){option}(?![\w-])", section)] == []


@pytest.mark.parametrize("line", dict.fromkeys(command_lines()))
def test_a_command_of_a_block_is_taken_as_it_stands(line):
    parse(shlex.split(line)[1:])


@pytest.mark.parametrize("line", dict.fromkeys(mentioned()))
def test_a_command_within_a_line_is_there_and_has_the_options(line):
    words = shlex.split(BLANK.sub("", line))[1:]
    named = [word for word in words if word in COMMANDS]
    assert named or words[0].startswith("-") or words[0].isupper(), "there is no such command"
    known = {option for name in ("grader", *(f"grader {name}" for name in named)) for option in options_of(name)}
    assert {word for word in words if OPTION.fullmatch(word)} <= known


@pytest.mark.parametrize("option", dict.fromkeys(span.split()[0] for _, span in spans() if span.startswith("--")))
def test_an_option_within_a_line_is_one_that_a_command_has(option):
    of_pytest = {"--candidate", "--pretend-gpu"}
    assert option.partition("=")[0] in of_pytest.union(*map(options_of, every_command()))


def options_of(name: str) -> set[str]:
    """Return all options of a command, with those that every one has."""
    params = every_command()[name].params
    return {option for param in params for option in (*param.opts, *param.secondary_opts)} | {"-h", "--help"}


@pytest.mark.parametrize("line", ["grader rnu 3", "grader run 3 --reprot csv=x.csv", "grader run 3 --jobs some"])
def test_a_command_that_is_not_taken_is_noticed(line):
    with pytest.raises((click.UsageError, Usage)):
        parse(shlex.split(line)[1:])


def test_what_is_made_is_a_target_of_the_makefile():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = re.findall(r"^make (\w+)", "\n".join(block.text for block in blocks()), re.MULTILINE)
    made += [span.split()[1] for _, span in spans() if re.fullmatch(r"make \w+", span)]
    assert made
    assert set(made) <= targets
