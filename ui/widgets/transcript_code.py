"""The code blocks of a message, for copying."""

from __future__ import annotations

from ui.widgets.transcript_markdown import parsed


def code_blocks(text: str) -> tuple[str, ...]:
    """Return the content of every fenced or indented block, in order, without the line end."""
    tokens = parsed(text)
    return tuple(t.content.removesuffix("\n") for t in tokens if t.type in ("fence", "code_block"))
