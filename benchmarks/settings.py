"""Settings of a hub that a benchmark opens in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.config import Settings


def settings_in(home: Path, **parts: Any) -> Settings:
    """Return settings that keep everything in one folder; `parts` are fields of them."""
    return Settings(
        home=home,
        config_file=home / "config.toml",
        database=home / "gitbridge.db",
        exports=home / "exports",
        logs=home / "logs",
        **parts,
    )
