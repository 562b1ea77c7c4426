"""The one door to matplotlib: no pyplot, no noise, no stranger's settings, one picture at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

_LOCK = threading.Lock()
_SILENCE = logging.NullHandler()
DPI = 140
"""Pixels per inch of PNG pictures."""
_FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS", "Noto Sans",
    "Noto Sans Devanagari", "Noto Sans Thai", "Nirmala UI", "Leelawadee UI",
)  # fmt: skip
"""Families asked, in this order, for characters that DejaVu Sans lacks."""
MISSING = "□"


@contextmanager
def drawing() -> Iterator[None]:
    """Give one thread matplotlib as it was shipped.

    A `matplotlibrc` in the working folder is a stranger's and may start programs (usetex): its
    settings are put aside, as are the person's own, for pictures that are the same everywhere.
    """
    # Without a handler, a home that cannot be written would be announced on stderr.
    logger = logging.getLogger("matplotlib")
    if _SILENCE not in logger.handlers:
        logger.addHandler(_SILENCE)
    import matplotlib as mpl

    with _LOCK, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["svg.hashsalt"] = "gitbridge"
        yield


def save(figure: Any, format: str) -> bytes:  # noqa: A002  the facade's word
    """Return the figure as a PNG or SVG file, free of dates and versions.

    Args:
        figure: A `matplotlib.figure.Figure`.
        format: `png` or `svg`.
    """
    out = BytesIO()
    unmarked = {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
    figure.savefig(out, format=format, dpi=DPI, metadata=unmarked)
    return out.getvalue()


class Fonts:
    """Which families a picture needs, and which characters nobody here can draw."""

    def __init__(self, texts: str) -> None:
        from matplotlib.font_manager import FontProperties, fontManager, get_font

        self.families = ["DejaVu Sans"]
        wanted = {ord(character) for character in texts}
        self.missing: set[int] = set()
        for weight in ("normal", "bold"):
            path = fontManager.findfont(FontProperties(family="DejaVu Sans", weight=weight))
            self.missing |= wanted - set(get_font(path).get_charmap())
        installed = {font.name for font in fontManager.ttflist} if self.missing else set()
        for family in _FALLBACKS:
            if self.missing and family in installed:
                path = fontManager.findfont(FontProperties(family=family))
                drawable = self.missing & set(get_font(path).get_charmap())
                self.families += [family] if drawable else []
                self.missing -= drawable

    def drawable(self, text: str) -> str:
        """Return the text with a box for every character that no font here has."""
        return "".join(
            MISSING if ord(character) in self.missing else character for character in text
        )
