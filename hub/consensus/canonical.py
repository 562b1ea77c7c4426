"""From drafts to options: what says the same is one option (CONSENSUS: from question to options).

The cheapest test comes first: Unicode, case and space are levelled; an option's letter, a number and
a Python literal are read as what they are. Texts are merged by meaning only where judges of two
model families, in both orders, all put them together: a wrong merge turns two answers into one.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import combinations

from hub.domain.decision import AnswerKind, Draft, Option
from hub.domain.text import sanitize

_LETTER = re.compile(r"\(?([a-z])[).:]?")
_NUMBER = re.compile(r"[-+]?(\d[\d,]*(\.\d*)?|\.\d+)(e[-+]?\d{1,3})?(/\d{1,30})?")
_DIGITS = 6
"""Numbers are alike to 1e-6 of their size."""
_LONGEST = 10_000
"""Characters of a literal that are read."""
_JUDGEMENTS = 4
"""Two judges, each in both orders."""


def canonical(text: str, kind: AnswerKind = AnswerKind.TEXT) -> str:
    """Return the text by which options are compared: NFKC, one space, no case.

    A choice is its letter, a number its value to six digits, a literal what Python would print;
    what cannot be read so is compared as text.
    """
    clean = " ".join(unicodedata.normalize("NFKC", sanitize(text)).split())
    found = None
    match kind:
        case AnswerKind.CHOICE:
            letter = _LETTER.fullmatch(clean.casefold())
            found = letter and letter[1]
        case AnswerKind.NUMBER:
            found = _number(clean)
        case AnswerKind.LITERAL:
            found = _literal(text)
        case AnswerKind.TEXT:
            pass
    return clean.casefold() if found is None else found


def _number(text: str) -> str | None:
    """Return a number to six significant digits; fractions and thousands' commas are read."""
    plain = text.casefold().strip("$%€ ")
    if not _NUMBER.fullmatch(plain):
        return None
    above, _, below = plain.replace(",", "").partition("/")
    try:
        value = Fraction(above) / Fraction(below or 1)
        return f"{float(value):.{_DIGITS}g}"
    except (ZeroDivisionError, ValueError, OverflowError):
        return None


def _literal(text: str) -> str | None:
    """Return how Python prints the value; case and space inside strings count."""
    clean = sanitize(text).strip()
    try:
        return repr(ast.literal_eval(clean)) if len(clean) <= _LONGEST else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def options_of(
    drafts: Iterable[tuple[str, str]],
    kind: AnswerKind = AnswerKind.TEXT,
    judgements: Collection[Sequence[Collection[int]]] = (),
) -> tuple[Option, ...]:
    """Return the options in (text, author) pairs, in order of appearance, empty texts left out.

    Of texts that say the same, the one that sorts first stands for all, so that the option and its
    id do not depend on who came first. An empty author means nobody's draft.

    Args:
        drafts: What was proposed.
        kind: How texts are compared.
        judgements: Each judge's partition of the drafts, by number, in each order; under four, or
            where they differ, nothing is merged by meaning.
    """
    numbered = [(n, sanitize(text).strip(), author) for n, (text, author) in enumerate(drafts)]
    kept = [(n, text, author) for n, text, author in numbered if canonical(text)]
    lead = _leads([canonical(text, kind) for _, text, _ in kept])
    place = {n: at for at, (n, _, _) in enumerate(kept)}
    for one, other in _agreed(judgements, place):
        lead = [
            min(lead[one], lead[other]) if at in (lead[one], lead[other]) else at for at in lead
        ]
    literal = kind is AnswerKind.LITERAL
    clusters: dict[int, list[tuple[str, str]]] = {}
    for at, (_, text, author) in zip(lead, kept, strict=True):
        clusters.setdefault(at, []).append((text, author))
    keys = {text: _literal(text) or "" if literal else "" for _, text, _ in kept}
    return tuple(
        option_for([Draft(author, text, keys[text]) for text, author in cluster])
        for cluster in clusters.values()
    )


def option_for(drafts: Sequence[Draft]) -> Option:
    """Return the option that some drafts are: the one that sorts first stands for all."""
    return Option(
        text=min(draft.text for draft in drafts),
        authors=tuple(sorted({draft.author for draft in drafts if draft.author})),
        key=min(draft.key for draft in drafts),
        drafts=in_order(drafts) if len(drafts) > 1 else (),
    )


def in_order(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """Return drafts by author, whoever came first."""
    return tuple(sorted(drafts, key=lambda draft: (draft.author, draft.text)))


def _leads(keys: Sequence[str]) -> list[int]:
    """Return for each key the place where it first stands."""
    first: dict[str, int] = {}
    return [first.setdefault(key, at) for at, key in enumerate(keys)]


def _agreed(
    judgements: Collection[Sequence[Collection[int]]], place: dict[int, int]
) -> list[tuple[int, int]]:
    """Return the pairs of drafts, by place, that every judgement puts together."""
    if len(judgements) < _JUDGEMENTS:
        return []
    together = [
        {pair for group in groups for pair in combinations(sorted(set(group)), 2)}
        for groups in judgements
    ]
    pairs = sorted(set.intersection(*together))
    return [(place[one], place[other]) for one, other in pairs if {one, other} <= place.keys()]
