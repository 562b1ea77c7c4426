"""Renders a message's markdown as HTML that does nothing: no raw HTML, no images, web links only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hub.domain.text import sanitize
from hub.exports.svg import plain

_WEB = re.compile(r"https?://", re.IGNORECASE)
_HEAVY = 200_000
"""Characters beyond which a text is shown as it is: parsing it would take seconds."""
_SHIFT = 3
"""Headings of messages start below those of the page."""


def body_html(text: str) -> str:
    """Return a message's text as HTML."""
    clean = sanitize(text)
    if len(clean) > _HEAVY:
        return f'<pre class="plain">{plain(clean)}</pre>'
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    environment: dict[str, Any] = {}
    tokens = markdown.parse(clean, environment)
    for token in tokens:
        token.info = ""
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _SHIFT)}"
        if token.children:
            token.children = list(_harmless(token.children))
    rendered: str = markdown.renderer.render(tokens, markdown.options, environment)
    return rendered


def _harmless(children: Iterable[Any]) -> Iterable[Any]:
    """Yield inline tokens: images become text, addresses that are not the web's lose their link.

    Where a link's text is not its address, the address follows, so that nobody is sent astray.
    """
    address, words = "", ""
    for child in children:
        match child.type:
            case "image":
                yield _said(f"[image: {child.content}, {child.attrGet('src')}]")
            case "link_open":
                address, words = str(child.attrGet("href") or ""), ""
                child.attrs = {"href": address, "rel": "noopener noreferrer nofollow"}
                yield from [child] if _WEB.match(address) else []
            case "link_close":
                yield from [child] if _WEB.match(address) else []
                yield from [_said(f" ({address})")] if words != address else []
            case _:
                words += child.content
                yield child


def _said(text: str) -> Any:
    """Return a token of plain text."""
    from markdown_it.token import Token

    return Token("text", "", 0, content=text)


def line(text: str) -> str:
    """Return a text for an element or attribute: cleaned and escaped."""
    return plain(sanitize(text))
