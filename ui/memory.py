"""What the screen remembers between two runs: what was seen, drafts, and what was sent.

One small file, readable by its owner alone. It is a convenience: one that is damaged or cannot be written
costs nothing but itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.errors import GitBridgeError

_MOST_BYTES = 4_000_000
_SENT_KEPT = 200
_THREADS_KEPT = 1_000


@dataclass(slots=True)
class Memory:
    """Read at the start, written when the screen is left and whenever a thread is."""

    path: Path
    seen: dict[str, int] = field(default_factory=dict)
    """By thread: number of the newest message that the person has had before them."""
    left_at: int = 0
    """UTC microseconds of the last time the person was here; 0: never."""
    drafts: dict[str, str] = field(default_factory=dict)
    """By thread: what was written and not sent."""
    sent: list[str] = field(default_factory=list)
    """What was sent, oldest first."""
    introduced: bool = False
    """True once the person was asked what to connect."""

    @classmethod
    def read(cls, path: Path) -> Memory:
        """Return what the file says; nothing where it is missing, damaged or too large."""
        memory = cls(path)
        with suppress(OSError, ValueError, RecursionError):
            if path.stat().st_size <= _MOST_BYTES:
                memory._take(json.loads(path.read_text(encoding="utf-8")))
        return memory

    def _take(self, told: Any) -> None:
        if not isinstance(told, Mapping):
            return
        self.seen = {str(k): v for k, v in _table(told, "seen").items() if isinstance(v, int)}
        self.drafts = {str(k): v for k, v in _table(told, "drafts").items() if isinstance(v, str)}
        sent = told.get("sent")
        self.sent = (
            [text for text in sent if isinstance(text, str)] if isinstance(sent, list) else []
        )
        self.introduced = told.get("introduced") is True
        left_at = told.get("left_at")
        self.left_at = left_at if isinstance(left_at, int) else 0

    def note_sent(self, text: str) -> None:
        """Remember what was sent, the last time last."""
        self.sent = [*(one for one in self.sent if one != text), text][-_SENT_KEPT:]

    def forget(self, text: str) -> None:
        """Take a text out again: the person redacted it."""
        self.sent = [one for one in self.sent if text not in one]
        self.drafts = {thread: one for thread, one in self.drafts.items() if text not in one}

    def write(self) -> None:
        """Write the file, whole or not at all."""
        from hub.exports.names import write_new

        told = {
            "seen": dict(list(self.seen.items())[-_THREADS_KEPT:]),
            "left_at": self.left_at,
            "drafts": {thread: text for thread, text in self.drafts.items() if text.strip()},
            "sent": self.sent,
            "introduced": self.introduced,
        }
        with suppress(GitBridgeError, OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_new(self.path, json.dumps(told), force=True)


def _table(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = told.get(name)
    return table if isinstance(table, Mapping) else {}
