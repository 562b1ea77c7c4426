"""From drafts to options: what says the same is one option (CONSENSUS: from question to options).

Only identical text is merged, after Unicode, case and space are levelled. Merging by meaning takes
judges of two model families, and a wrong merge would turn two answers into one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from hub.domain.decision import Option
from hub.domain.text import sanitize


def canonical(text: str) -> str:
    """Return the text by which options are compared: NFKC, one space, no case."""
    return " ".join(unicodedata.normalize("NFKC", sanitize(text)).split()).casefold()


def options_of(drafts: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    """Return the options in (text, author) pairs, in order of appearance, empty texts left out.

    Of texts that say the same, the one that sorts first stands for all, so that the option and its
    id do not depend on who came first. An empty author means nobody's draft.
    """
    clusters: dict[str, list[tuple[str, str]]] = {}
    for text, author in drafts:
        clean = sanitize(text).strip()
        if key := canonical(clean):
            clusters.setdefault(key, []).append((clean, author))
    return tuple(
        Option(
            text=min(text for text, _ in cluster),
            authors=tuple(sorted({author for _, author in cluster if author})),
        )
        for cluster in clusters.values()
    )
