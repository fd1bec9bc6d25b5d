"""Names of machines, sandboxes and versions, of which a joined report may have several: `cpu; cuda NVIDIA H100`."""

from __future__ import annotations

from collections.abc import Mapping

BETWEEN = "; "
FORGEABLE = "none"


def joined(*names: str) -> str:
    """Return the names, each once and in order; what is joined already is taken apart first."""
    return BETWEEN.join(sorted({name for text in names for name in text.split(BETWEEN) if name}))


def weakest(*sandboxes: str) -> str:
    """Return the sandboxes; `none` alone, where results of one can be forged: every report marks that name."""
    names = joined(*sandboxes)
    return FORGEABLE if FORGEABLE in names.split(BETWEEN) else names


def together(*environments: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of all environments under their names."""
    every = sorted({name for environment in environments for name in environment})
    return {name: joined(*(environment.get(name, "") for environment in environments)) for name in every}
