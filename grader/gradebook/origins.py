"""What the name of a result is made of, kept beside it: so that a machine finds what another kind has found."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from grader.gradebook.keys import result_key
from grader.work import Verdict


class Origin(Struct, frozen=True):
    """All that decides a result. `environment` are versions; `language` is that of its titles and hints."""

    submission: str
    assignment: str
    machine: str
    environment: Mapping[str, str]
    sandbox: str
    inputs: str  # how they are drawn
    selection: str = ""  # which checks; empty: all
    language: str = "en"

    @property
    def key(self) -> str:
        """The name of the result."""
        return result_key(
            submission=self.submission,
            assignment=self.assignment,
            environment={**self.environment, "language": self.language},
            machine=self.machine,
            sandbox=self.sandbox,
            seed=self.inputs,
            only=self.selection,
        )


class Found(Struct, frozen=True):
    """A stored result of the same submission and checks, confined alike and on inputs that were drawn alike."""

    key: str
    machine: str
    environment: Mapping[str, str]
    selection: str
    language: str
    verdict: Verdict

    def stands_for(self, origin: Origin) -> bool:
        """Whether it is another kind of machine's word on all checks, which a run of this origin need not repeat."""
        elsewhere = self.machine != origin.machine and self.language == origin.language
        return elsewhere and not self.selection and self.has_versions_of(origin)

    def may_complete(self, origin: Origin) -> bool:
        """Whether what it decided may fill in what is open here. Of the same kind of machine, no other versions may."""
        return self.key != origin.key and (self.machine != origin.machine or self.has_versions_of(origin))

    def has_versions_of(self, origin: Origin) -> bool:
        """Whether it was found with the same versions; builds for another kind of machine (2.6.0+cpu) count alike."""
        return _public(self.environment) == _public(origin.environment)


def _public(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: version.partition("+")[0] for name, version in environment.items()}


def as_text(environment: Mapping[str, str]) -> str:
    """Return versions as a text that `from_text` reads."""
    return msgspec.json.encode(environment, order="sorted").decode()


def from_text(text: str) -> dict[str, str]:
    """Return the versions again."""
    return msgspec.json.decode(text, type=dict[str, str])
