"""Keys of the person's own: checked against the table before they are taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations

from hub.errors import ConfigError
from ui.deeds import DOINGS
from ui.keymap import ANYWHERE, MAIN

_NEVER = {
    "ctrl+h": "terminals send it for Backspace",
    "ctrl+i": "terminals send it for Tab",
    "ctrl+m": "terminals send it for Enter",
    "ctrl+left_square_bracket": "terminals send it for Esc",
    "ctrl+z": "it suspends programs",
    "ctrl+s": "it stops some terminals",
}
_KEY = re.compile(r"[\w+]{1,40}")


def checked(keys: Mapping[str, str]) -> Mapping[str, str]:
    """Return the keys as they may be taken.

    Args:
        keys: Id of an action -> keys, separated by commas, as `[ui.keys]` has them.

    Raises:
        ConfigError: There is no such id, a key cannot be bound, or two actions want the same one.
    """
    table = {key.id: key.keys for key in (*ANYWHERE, *MAIN)}
    scopes = [set(table), {doing.id for doing in DOINGS}]
    table |= {doing.id: doing.key for doing in DOINGS}
    for name, wanted in keys.items():
        if name not in table:
            raise ConfigError(
                f"[ui.keys] {name}: there is no such key; F1 has all, with their names."
            )
        _check(name, wanted)
    table |= keys
    for scope in scopes:
        for one, other in combinations([name for name in table if name in scope], 2):
            both = set(table[one].split(",")) & set(table[other].split(","))
            if both:
                raise ConfigError(f"[ui.keys] {one} and {other} both want {min(both)}: change one.")
    return dict(keys)


def _check(name: str, wanted: str) -> None:
    for key in wanted.split(","):
        if not _KEY.fullmatch(key):
            raise ConfigError(f"[ui.keys] {name}: write it as in ctrl+x or f5,f6.")
        if key in _NEVER:
            raise ConfigError(f"[ui.keys] {name}: {key} cannot be bound: {_NEVER[key]}.")
