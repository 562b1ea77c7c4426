"""The program behind one tab of the browser: the screen, driven through pipes by `ui.web`."""

from __future__ import annotations

import os
import sys

from ui.cli.tui import launch

if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(launch())
