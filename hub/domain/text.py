"""Cleans text from models, files, providers and pastes: the one way in (SECURITY S1)."""

from __future__ import annotations

import re
import unicodedata

# One code point at a time, so that a stream cut anywhere is cleaned alike: C0 but newline and
# tab, DEL, C1, the bidirectional controls and marks, and lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")
HIDDEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2064"
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""Code points that take no room and show nothing, for a character class."""
_HIDDEN = re.compile(f"[{HIDDEN}]+")
_TOWER = re.compile(
    "([{0}]{{4}})[{0}]+".format(
        "\u0300-\u034e\u0350-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31"
        "\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
    )
)
_FLAG = re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")


def sanitize(text: str) -> str:
    """Drop every code point that could steer a terminal or hide what is written.

    What is left of an escape string is plain text. Cleaning twice changes nothing, and cleaning
    pieces equals cleaning the whole.
    """
    return _UNSAFE.sub("", text)


def visible(text: str) -> str:
    """Return a text as it may be shown: cleaned, with what it hides made visible.

    Code points without any width are named, `<U+200B>`, but where a script or an emoji needs them;
    of accents piled on one letter four stay. Doing it twice changes nothing. Text that is kept or
    sent stays as it was written.
    """
    if text.isascii():
        return sanitize(text)
    return _HIDDEN.sub(_named, _TOWER.sub(r"\1", sanitize(text)))


def _named(found: re.Match[str]) -> str:
    """Name a run of hidden code points, unless what stands around it needs the run."""
    run, text = found[0], found.string
    start, end = found.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    if _is_needed(run, before, after):
        return run
    more = f" and {len(run) - 1} more" if len(run) > 1 else ""
    return f"<U+{ord(run[0]):04X}{more}>"


def _is_needed(run: str, before: str, after: str) -> bool:
    if run in ("\ufe0e", "\ufe0f"):
        return bool(before) and not before.isspace()
    if run in ("\u200d", "\ufe0f\u200d") and _is_emoji(before) and _is_emoji(after):
        return True
    if run in ("\u200c", "\u200d"):
        return _joins(before) and _joins(after)
    if before == "\U0001f3f4":
        return _FLAG.fullmatch(run) is not None
    return "\U000e0100" <= run <= "\U000e01ef" and len(run) == 1 and before >= "\u3400"


def _is_emoji(character: str) -> bool:
    return character >= "\u2190" and unicodedata.category(character) in ("So", "Sk", "Sm")


def _joins(character: str) -> bool:
    """Tell whether a letter is of a script, Arabic to Mongolian, that joiners shape."""
    return "\u0600" <= character < "\u1cff"


def one_line(text: str, limit: int = 120) -> str:
    """Return the text on one line as it may be shown, cut with an ellipsis at `limit` characters."""
    flat = visible(_SPACE.sub(" ", sanitize(text)).strip())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def title_of(text: str) -> str:
    """Return a thread's title from its first message: its first sentence, at most 60 characters."""
    flat = one_line(text, 400)
    end = re.search(r"[.?!](\s|$)", flat)
    return one_line(flat[: end.end()].strip() if end else flat, 60) or "untitled"
