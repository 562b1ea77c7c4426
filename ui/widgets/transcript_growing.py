"""Markdown that still arrives: only its last open block is laid out again."""

from __future__ import annotations

from ui.widgets.transcript_text import Line


class Growing:
    """The text of one running turn, for one width."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._text = ""
        self._start = 0
        self._closed: list[Line] = []

    def lines(self, text: str) -> list[Line]:
        """Return the lines of all that has arrived; what came before is expected at its start."""
        from ui.widgets.transcript_markdown import block_starts, render

        if not text.startswith(self._text):
            self._start, self._closed = 0, []
        self._text = text
        rows = text[self._start :].split("\n")
        starts = block_starts(text[self._start :])
        if len(starts) > 1:
            done = "\n".join(rows[: starts[-1]]) + "\n"
            self._closed += [*render(done, self._width), Line()]
            self._start += len(done)
        return self._closed + render(text[self._start :], self._width)
