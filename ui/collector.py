"""Keeps Python's cyclic collector from holding up the screen."""

from __future__ import annotations

import gc


def spare_what_stays() -> None:
    """Take everything loaded so far out of collections: it lives as long as the program.

    A full collection walked through all modules, 60 ms several times a second while agents wrote.
    """
    gc.freeze()
