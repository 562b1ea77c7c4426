"""Provider text made fit for people and logs: no key, no control characters, one line."""

from __future__ import annotations

import re

from hub.domain.text import one_line, sanitize

_KEYS = re.compile(
    r"(?i:bearer)\s+[^\s\"',;]+"
    r"|\b(?:sk|pk|rk|xai|gsk)-[^\s\"',;]*[^\s\"',;.]"
    r"|(?<![^\s\"',;])[^\s\"',;]*\*{3,}[^\s\"',;]*"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_]{32,}"
)


def redact(text: str, limit: int = 300) -> str:
    """Return text from a provider on one line, with everything key-shaped replaced.

    Args:
        text: As it came.
        limit: Characters to keep.
    """
    # Cleaned first: a control character inside a key would leave it whole once that is dropped.
    return one_line(_KEYS.sub("[key]", sanitize(text[: 20 * limit])), limit)
