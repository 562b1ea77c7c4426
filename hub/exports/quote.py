"""Puts strangers' text into markdown so that it stays inside its place, whatever it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from hub.domain.text import one_line, sanitize

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&]|:(?=//)")
_LEADING = re.compile(r"^([-+=#]|\d{1,9}(?=[.)](\s|$)))")
_RUN = re.compile(r"`+")
# What could leave a quotation or reach outside in some reader: HTML (addresses in angle brackets
# apart), images, footnotes, links to anything but the web, separators taken for line ends.
_WILD = re.compile(
    r"<(?!https?://[^\s<>]*>)[a-z!/?]|!\[|\[\^|\]\(\s*(?!https?://)|[\u2028\u2029]", re.IGNORECASE
)
_OUTSIDE = {"html_block", "html_inline", "image"}
_HEAVY = 200_000
"""Characters beyond which a text is not worth parsing."""


def inline(text: str, limit: int = 400) -> str:
    """Return a text on one line with every character that markdown could act on escaped."""
    line = _SPECIAL.sub(r"\\\g<0>", one_line(text, limit))
    if line.count("$") > 1:  # one is money, two are mathematics
        line = line.replace("$", r"\$")
    return _LEADING.sub(lambda m: m[0] + "\\" if m[0][0].isdigit() else "\\" + m[0], line)


def quoted(text: str) -> str:
    """Return a text as a block quotation, verbatim.

    Ordinary prose keeps its markdown. Anything with HTML, images, link definitions or the like, or
    that would not stay in the quotation, goes into a fence longer than any in it.
    """
    body = sanitize(text).strip("\n")
    return _quotation(body if _tame(body) else fenced(body))


def fenced(text: str) -> str:
    """Return a text in a code fence that is longer than any run of backticks in it."""
    body = sanitize(text)
    fence = "`" * max(3, 1 + max((len(run) for run in _RUN.findall(body)), default=0))
    return f"{fence}text\n{body}\n{fence}"


def bullets(lines: Iterable[str]) -> str:
    """Return a list; its lines are markdown already."""
    return "\n".join(f"- {line}" for line in lines)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; the cells are strangers' text, the head is not."""
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(inline(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _quotation(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _tame(body: str) -> bool:
    """Tell whether a text can be quoted as it is: a parser finds one quotation and nothing odd."""
    if not body.strip() or len(body) > _HEAVY or _WILD.search(body):
        return False
    from markdown_it import MarkdownIt

    found: dict[str, Any] = {}
    tokens = MarkdownIt("commonmark").parse(_quotation(body), found)
    top = [token.type for token in tokens if token.level == 0]
    return (
        top == ["blockquote_open", "blockquote_close"]
        and not found.get("references")
        and _OUTSIDE.isdisjoint(_types(tokens))
    )


def _types(tokens: Sequence[Any]) -> set[str]:
    """Return the types of all tokens, those inside lines too."""
    inside = (child for token in tokens for child in token.children or ())
    return {token.type for token in (*tokens, *inside)}
