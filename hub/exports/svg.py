"""Finishes a drawn SVG: tooltips, readable text halos, and the texts no local font could draw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GROUP = re.compile(r'<g id="([a-z]+-\d+)">')
_TEXT = re.compile(r"(<text\b[^>]*>)[^<]*(</text>)")


def finished(
    svg: str, *, title: str, tips: Mapping[str, str], texts: Mapping[str, str], paper: str
) -> str:
    """Return the SVG with a title, a tooltip for each group, and real text in each label.

    Args:
        svg: As drawn; groups carry the ids that the mappings use.
        title: What the picture shows, for those who cannot see it.
        tips: Tooltips by group.
        texts: What a label says, by group; replaces what was drawn for it.
        paper: Colour of the halo round text; a page may override it by `--paper`.
    """
    style = f'<style>g[id*="halo-"] text{{paint-order:stroke;stroke:var(--paper,{paper});stroke-width:3px}}</style>'
    head, _, rest = svg[svg.index("<svg") :].partition(">")
    head = f'{head} role="img">\n <title>{plain(title)}</title>\n {style}'
    pieces = _GROUP.split(rest)
    for k in range(1, len(pieces), 2):
        group = pieces[k]
        if group in texts:
            said = plain(texts[group])
            pieces[k + 1] = _TEXT.sub(
                lambda m, said=said: f"{m[1]}{said}{m[2]}", pieces[k + 1], count=1
            )
        tip = f"\n<title>{plain(tips[group])}</title>" if group in tips else ""
        pieces[k] = f'<g id="{group}">{tip}'
    return head + "".join(pieces)


def plain(text: str) -> str:
    """Return text for XML: escaped, without the code points that XML has no way to write."""
    return escape(_NOT_XML.sub("", text), quote=True)
