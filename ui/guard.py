"""Checks that `hub`, `agents` and `ui` are GitBridge's own, before any of them is imported.

Their names are generic: openai-agents installs a folder `agents`, Deep Lake one called `hub`. pip
merges such folders silently and the last one installed wins (STYLE: traps).
"""

# ruff: noqa: PTH120  importing pathlib would cost ten times what the check does
from __future__ import annotations

from importlib.util import find_spec
from os.path import dirname, realpath


def foreign_package() -> str | None:
    """Return what to tell the person when another project's package took one of our names.

    Looks up where the packages would come from and imports none of them: about a millisecond.
    """
    home = dirname(dirname(realpath(__file__)))
    for name in ("hub", "agents"):
        spec = find_spec(name)
        origin = spec.origin if spec is not None else None
        if origin is None or dirname(dirname(realpath(origin))) != home:
            where = f"comes from {dirname(origin)}" if origin else "is missing or not ours"
            return (
                f"GitBridge's package `{name}` {where}: another project installed one of the same "
                "name. Install GitBridge into an environment of its own: pipx install gitbridge-hub"
            )
    return None
