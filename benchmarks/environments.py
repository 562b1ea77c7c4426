"""Environments of the peers that benchmarks compare with: each has its own, never ours.

`python_of(NAME)` makes one from `requirements/peers/NAME.txt`, pinned by hash, where it is missing
or older than its requirements.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def python_of(name: str) -> Path:
    """Return the interpreter of a peer's environment, made when it is missing.

    Args:
        name: Of a file in `requirements/peers/`.

    Raises:
        subprocess.CalledProcessError: It cannot be installed here.
    """
    wanted = _ROOT / "requirements" / "peers" / f"{name}.txt"
    folder = _ROOT / ".venv" / "peers" / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    made = folder / ".made"
    if made.exists() and made.read_text() == wanted.read_text():
        return python
    print(f"installing {name}, to compare with ...", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    install = [
        str(python),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "-q",
    ]
    subprocess.run(
        [*install, "--require-hashes", "-r", str(wanted)], check=True, stdout=subprocess.DEVNULL
    )
    made.write_text(wanted.read_text())
    return python
