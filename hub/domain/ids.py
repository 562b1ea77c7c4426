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


def seeded(*parts: str) -> int:
    """Return a 256-bit number that depends on the parts alone, for draws that can be replayed."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest())


def digest(text: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
