"""Identifiers: random, short enough to read aloud, shortened further by the person."""

from __future__ import annotations

import hashlib
import secrets
from typing import NewType

ThreadId = NewType("ThreadId", str)
MessageId = NewType("MessageId", str)
TurnId = NewType("TurnId", str)
CallId = NewType("CallId", str)
DecisionId = NewType("DecisionId", str)


def new_id() -> str:
    """Return 16 hexadecimal digits: 64 random bits, enough for billions of messages."""
    return secrets.token_hex(8)


def message_id(at: int) -> MessageId:
    """Return an id for a message: its millisecond, then 48 random bits, as 24 hexadecimal digits.

    What is posted in a row lies in a row in the journal's index too; with ids in no order every
    message changes another page, which took a fifth off the appends per second.

    Args:
        at: UTC microseconds.
    """
    return MessageId(f"{max(at, 0) // 1_000:012x}{secrets.token_hex(6)}")


def seeded(*parts: str) -> int:
    """Return a 256-bit number that depends on the parts alone, for draws that can be replayed."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest())


def digest(text: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
