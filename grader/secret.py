"""The course's secret: what every hidden input is drawn from.

It never enters a sandbox, an environment or a report. Lose it and the inputs of old attempts cannot be drawn again;
nothing else is lost.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from grader.errors import CourseError

if TYPE_CHECKING:
    from grader.course import Course

LENGTH = 32
ELSEWHERE = "GRADER_SECRET_FILE"


def course_secret(course: Course) -> bytes:
    """Return the course's 32 bytes; at first use they are drawn and kept in `.grader/secret`, mode 0600.

    The environment variable GRADER_SECRET_FILE names another place for the file.
    """
    chosen = os.environ.get(ELSEWHERE)
    file = Path(chosen) if chosen else course.root / ".grader" / "secret"
    try:
        if not file.exists():
            _create(file)
        secret = file.read_bytes()
    except OSError as error:
        step = f"make the folder writable, or name another file in {ELSEWHERE}"
        raise CourseError(f"the secret cannot be kept: {error.strerror}", place=file, step=step) from None
    if len(secret) < LENGTH:
        step = "delete the file; the next run draws a new secret, and hidden inputs with it"
        raise CourseError(f"the secret has {len(secret)} bytes and not {LENGTH}", place=file, step=step)
    return secret


def secret_of_seed(seed: int) -> bytes:
    """Return the bytes that stand for the secret under `--seed`: anyone can draw the same inputs."""
    return hashlib.sha256(b"grader --seed %d" % seed).digest()


def attempt_seed(secret: bytes, assignment: str, digest: str) -> bytes:
    """Return what a submission's hidden inputs are drawn from: the same files, the same inputs."""
    return hmac.digest(secret, f"{assignment}\0{digest}".encode(), "sha256")


def _create(file: Path) -> None:
    """Write whole or not at all; where two runs race, the first one's secret is everyone's."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=".secret-", delete=False) as draft:  # mode 0600
        draft.write(secrets.token_bytes(LENGTH))
    try:
        os.link(draft.name, file)
    except FileExistsError:
        pass
    finally:
        Path(draft.name).unlink()
