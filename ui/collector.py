"""Keeps Python's cyclic collector from holding up the screen."""

from __future__ import annotations

import gc


def hold_off() -> None:
    """Collect nothing while modules load: a start makes objects that stay, and hardly any garbage."""
    gc.disable()


def spare_what_stays() -> None:
    """Take everything loaded so far out of collections, and collect from now on.

    It lives as long as the program. A full collection walked through all of it, 60 ms at a time and
    several times a second while agents wrote.
    """
    gc.freeze()
    gc.enable()
