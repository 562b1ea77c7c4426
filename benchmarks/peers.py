"""Environments of the programs that we are measured beside; none of them is a dependency of ours."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_BUILT = ".requirements"


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's own environment; build that when it is missing or old.

    Args:
        peer: Name of its pinned requirements, `requirements/NAME.txt`.

    Raises:
        subprocess.CalledProcessError: It could not be installed; what pip said is on stderr.
    """
    requirements = _ROOT / "requirements" / f"{peer}.txt"
    folder = _ROOT / ".venv" / "peers" / peer
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    built = folder / _BUILT
    if built.is_file() and built.read_text() == wanted:
        return python
    print(f"Building an environment for {peer} (once) ...", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    pinned = ["--quiet", "--require-hashes", "-r", str(requirements)]
    subprocess.run([*pip, *pinned], check=True, stdout=sys.stderr)
    built.write_text(wanted)
    return python
