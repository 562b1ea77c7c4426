"""The time zone of days and months, frozen at the first start: travelling moves no money.

What the person wrote as `time_zone` under [budget] comes first. Else the machine's zone is kept in
the state folder, so that a cap for a day ends with the day that it began with. On a machine that does
not name its zone (Windows), days follow its clock.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hub.config import Settings, machine_zone
from hub.config_file import write_whole

NAME = "time_zone"
"""File in the state folder that holds one IANA name."""


def with_frozen_zone(settings: Settings) -> Settings:
    """Return the settings with the time zone that days and months are counted in.

    A state folder that takes no file leaves the machine's own, as it is now.
    """
    if settings.budget.time_zone is not None:
        return settings
    path = settings.home / NAME
    kept = _kept(path) or _keep(path, machine_zone())
    budget = settings.budget.model_copy(update={"time_zone": kept})
    return settings.model_copy(update={"budget": budget})


def _kept(path: Path) -> str | None:
    """Return the zone in the file; None where there is none, or nothing that is a zone."""
    from zoneinfo import ZoneInfo

    try:
        return str(ZoneInfo(path.read_text(encoding="utf-8").strip()))
    except (OSError, ValueError, LookupError):
        return None


def _keep(path: Path, name: str | None) -> str | None:
    """Write the zone; of two programs that start at once the last one's stays."""
    if name is None:
        return None
    with suppress(OSError):
        write_whole(path, f"{name}\n")
    return name
