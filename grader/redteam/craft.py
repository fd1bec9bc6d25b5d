"""How an attack that is no module is entered: made by trusted code from the text that a sandbox runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Craft = Callable[[str, str], Mapping[str, bytes]]
CRAFTED: dict[str, tuple[str, str, Craft]] = {}  # by name: the kind, the attack's text, what makes files of it


def crafted(kind: str, text: str = "") -> Callable[[Craft], Craft]:
    """Enter an attack into the corpus. Its docstring and comments are the function's docstring; `text` is its code."""

    def enter(craft: Craft) -> Craft:
        said = (craft.__doc__ or "").splitlines()
        headers = "\n".join(line.strip() for line in said if line.strip().startswith("# "))
        tries = " ".join(line.strip() for line in said if not line.strip().startswith("# ")).strip()
        CRAFTED[craft.__name__] = (kind, f'"""{tries}"""\n{headers}\n\n{text}', craft)
        return craft

    return enter
