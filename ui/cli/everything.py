"""All there is as one folder that another machine can take in: the journal and the settings.

The journal holds threads, decisions, ledger, routes and what was learned. Of the settings those go
along that can hold no key: providers and the network are the other machine's own.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.config import Settings
from hub.config_file import ConfigText
from hub.domain.text import one_line
from hub.errors import ExportError, TranscriptError, UsageError
from hub.exports.names import write_new

FORMAT = "gitbridge-everything"
VERSION = 1
JOURNAL, SETTINGS, MANIFEST = "journal.db", "settings.toml", "manifest.json"
CARRIED = ("router", "budget", "consensus", "retention", "agents", "prices")
"""Tables of the settings that go along."""
_MOST_BYTES = 1_000_000
"""Of a manifest, and of settings."""


def write_all(settings: Settings, folder: Path) -> Path:
    """Write journal and settings into a new or empty folder; the manifest comes last.

    Raises:
        UsageError: The folder holds something.
        StorageError: There is no journal, or it cannot be copied.
        ExportError: The folder cannot be written.
    """
    from ui.wiring import back_up

    shown = one_line(str(folder), 400)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{shown} is not empty: name a new folder.")
    except (OSError, ValueError) as error:
        raise ExportError(f"{shown} cannot be made or read as a folder.") from error
    back_up(settings, folder / JOURNAL, force=False)
    data = ConfigText.read(settings.config_file).data
    write_new(folder / SETTINGS, toml({name: data[name] for name in CARRIED if name in data}))
    sums = {name: _sum(folder / name) for name in (JOURNAL, SETTINGS)}
    manifest = {"format": FORMAT, "version": VERSION, "sha256": sums}
    write_new(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return folder


def checked(folder: Path) -> Path:
    """Return the journal of a folder that `write_all` finished and nobody changed.

    Files are looked for under our own names alone, whatever the manifest says.

    Raises:
        TranscriptError: It is no such folder, or not as it was written.
        ConfigError: Its settings cannot be in force.
    """
    shown = one_line(str(folder), 400)
    try:
        found = json.loads(_bounded(folder / MANIFEST))
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise TranscriptError(f"{shown} is no folder of `gitbridge export --all`.")
        if found.get("version") != VERSION:
            raise TranscriptError(f"{shown} was written by another GitBridge: use its version.")
        wrong = [n for n in (JOURNAL, SETTINGS) if _sum(folder / n) != found["sha256"][n]]
        _settings_in(folder)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise TranscriptError(
            f"{shown} is no whole folder of `gitbridge export --all`: export again."
        ) from None
    if wrong:
        raise TranscriptError(f"{wrong[0]} in {shown} is not as it was written: export again.")
    return folder / JOURNAL


def take_settings(settings: Settings, folder: Path) -> bool:
    """Write the folder's settings where there are none yet; tell whether that was so.

    Raises:
        TranscriptError: They hold more than goes along, such as an address for a key.
        ConfigError: They cannot be in force.
    """
    text = _settings_in(folder)
    if settings.config_file.exists():
        return False
    settings.config_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(settings.config_file, text)
    return True


def _settings_in(folder: Path) -> str:
    text = _bounded(folder / SETTINGS).decode()
    given = ConfigText.parsed(folder / SETTINGS, text)
    if not set(given.data) <= set(CARRIED):
        raise TranscriptError(f"{SETTINGS} holds tables that are never exported: nothing was used.")
    given.validated()
    return text


def toml(tables: Mapping[str, Any]) -> str:
    """Return tables, as `tomllib` reads them, as TOML again."""
    text = "\n".join(_lines((), tables)).strip() + "\n"
    if tomllib.loads(text) != tables:
        raise ExportError("The settings hold a value that cannot be written again.")
    return text


def _lines(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    values = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    if path:
        yield f"\n[{'.'.join(map(json.dumps, path))}]"
    yield from (f"{json.dumps(name)} = {_value(value)}" for name, value in values.items())
    for name, inner in table.items():
        if isinstance(inner, Mapping):
            yield from _lines((*path, name), inner)


def _value(value: Any) -> str:
    """Return a value: JSON writes texts, numbers and lists as TOML does."""
    return json.dumps(value, ensure_ascii=False)


def _sum(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise TranscriptError(f"{path.name} is larger than 1 MB: it is none of ours.")
    return data
