"""Provider text made fit for people and logs: no key, no control characters, one line."""

from __future__ import annotations

from hub.domain.masking import masked
from hub.domain.text import one_line, sanitize


def redact(text: str, limit: int = 300) -> str:
    """Return text from a provider on one line, with everything key-shaped replaced.

    Args:
        text: As it came.
        limit: Characters to keep.
    """
    return one_line(masked(sanitize(text[: 20 * limit])), limit)
