"""A note on the person's desktop, by way of the terminal: iTerm2, kitty, WezTerm, Ghostty and others.

What it says is written here and nowhere else: no text from outside becomes part of an escape sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Call(StrEnum):
    """Why somebody is called back."""

    VOTE = "a vote needs you"
    DECIDED = "a decision was taken"
    FAILED = "a turn failed"
    ENDED = "a long turn has ended"


def note(why: Call, write: Callable[[str], object]) -> None:
    """Send the note.

    Args:
        why: One of ours.
        write: Takes what goes to the terminal as it is.
    """
    write(f"\x1b]9;GitBridge: {Call(why).value}\x07")
