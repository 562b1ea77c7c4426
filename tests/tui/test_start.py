"""The first paint waits for nothing heavy."""

import subprocess
import sys

HEAVY = ("numpy", "networkx", "matplotlib", "httpx", "apsw", "pydantic", "markdown_it", "hub.hub")


def test_importing_the_app_loads_nothing_heavy():
    code = f"import sys, ui.app; print([m for m in {HEAVY!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
