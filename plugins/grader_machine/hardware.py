"""Whether torch is there. It is asked in a process of its own: the command line does without it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from grader.work import Finding

SECONDS = 120
ASK = """
import json, torch
print(json.dumps({"version": torch.__version__, "built": torch.version.cuda or ""}))
"""
INSTALL = "pip install torch"


class Found(Struct):
    """What torch said."""

    version: str
    built: str  # the version of CUDA that it was built for


class Hardware:
    """A question that is asked at once and answered later."""

    def __init__(self, ask: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", ask or ASK],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )

    def findings(self) -> Iterator[Finding]:
        """Yield torch's version."""
        out, error = self.process.communicate(timeout=SECONDS)
        if self.process.returncode != 0:
            said = error.decode(errors="replace").strip().splitlines()
            state = "missing" if said and said[-1].startswith("ModuleNotFoundError") else "broken"
            yield Finding("torch", state, said[-1] if said else "does not start", INSTALL)  # type: ignore[arg-type]
            return
        found = msgspec.json.decode(out.splitlines()[-1], type=Found)
        yield Finding("torch", "ok", f"{found.version}{f', for CUDA {found.built}' if found.built else ''}")

    def close(self) -> None:
        """End the process if nobody waited for its answer."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
