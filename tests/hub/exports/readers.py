"""Other people's readers of our formats, where they are installed: `make readers` brings them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE.parents[2] / ".venv" / "readers" / "node_modules"


def read(script: str, package: str, folder: Path, texts: list[str]) -> list[str]:
    """Return what a reader says of each text, one line each; skip where it is not installed."""
    node = shutil.which("node")
    if node is None or not (MODULES / package).exists():
        pytest.skip(f"{package} is not installed here: `make readers` brings it (needs npm)")
    (folder / "node_modules").symlink_to(MODULES)
    shutil.copy(HERE / script, folder / script)
    paths = []
    for k, text in enumerate(texts):
        paths.append(folder / f"{k}.txt")
        paths[-1].write_text(text, encoding="utf-8")
    done = subprocess.run(
        [node, folder / script, *paths], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.splitlines()
