"""Reads a ballot out of a model's answer: strictly, and never by guessing from prose.

The whole answer as JSON, else the first balanced object in it, else an error whose sentence goes
into the one repair call; after that the voter is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite

from hub.consensus.labels import (
    ABSTAIN,
    APPROVALS,
    BLOCK,
    CHOICE,
    RANKING,
    REASON_LIMIT,
    form_of,
    other_choices,
)
from hub.domain.decision import Ballot, Option, Rule
from hub.domain.text import sanitize
from hub.errors import GitBridgeError

_MOST_CHARACTERS = 20_000
_MOST_OBJECTS = 20


class BallotError(GitBridgeError):
    """The answer is no ballot; the sentence says what a ballot needs, and quotes nothing."""


def parse_ballot(
    text: str,
    labels: Mapping[str, Option],
    *,
    voter: str,
    round: int,  # noqa: A002  the ballot's own word
    rule: Rule = Rule.AUTO,
) -> Ballot:
    """Return the ballot in an answer.

    Args:
        text: What the model wrote.
        labels: What this voter was shown (`labels_for`).
        voter: Name of the agent.
        round: Number of the round.
        rule: The proposal's rule; under `consent` a voter may block.

    Raises:
        BallotError: No JSON object, or a choice that is not on the table.
    """
    fields = object_in(text)
    form = form_of(rule)
    named, word = _named(fields.get(form), form, labels, rule)
    reason = _sentence(fields.get("reason"))
    if word == BLOCK and not reason:
        raise BallotError('A block needs a "reason".')
    return Ballot(
        voter=voter,
        round=round,
        choice=named[0] if named and form == CHOICE else None,
        ranking=named if form == RANKING else (),
        approvals=named if form == APPROVALS else (),
        abstain=word == ABSTAIN,
        block=word == BLOCK,
        confidence=_share(fields.get("confidence")),
        reason=reason,
        would_change_my_mind=_sentence(fields.get("would_change_my_mind")),
    )


def _named(
    said: object, form: str, labels: Mapping[str, Option], rule: Rule
) -> tuple[tuple[str, ...], str]:
    """Return the ids of the options that a ballot names, or what it says instead of one.

    Raises:
        BallotError: It names something else, or an option twice.
    """
    listed = [said] if form == CHOICE else said if isinstance(said, list) else []
    words = [word.strip() if isinstance(word, str) else "" for word in listed]
    if len(words) == 1 and words[0].upper() not in labels:
        word = words[0].casefold()
        if word in other_choices(rule):
            return (), word
    allowed = ", ".join(labels)
    if not words or not all(word.upper() in labels for word in words):
        others = ", ".join(("", *other_choices(rule)))
        one = "exactly one" if form == CHOICE else "a list"
        raise BallotError(f'"{form}" must be {one} of: {allowed}{others}.')
    named = tuple(labels[word.upper()].id for word in words)
    if len(set(named)) < len(named):
        raise BallotError(f'"{form}" must name each label once.')
    return named, ""


def object_in(answer: str) -> dict[str, object]:
    """Return the answer's JSON object; an object that names a field twice is none.

    Raises:
        BallotError: It holds none in its first 20,000 characters.
    """
    text = answer[:_MOST_CHARACTERS]
    for piece in (text.strip(), *_balanced(text)):
        try:
            found = json.loads(piece, object_pairs_hook=_once, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise BallotError("The answer holds no complete JSON object.")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field stands twice")
    return fields


def _balanced(text: str) -> Iterator[str]:
    """Yield the outermost `{...}` pieces in order; a brace that never closes is stepped over."""
    start = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if start < 0:
            return
        end = _closing(text, start)
        if end is not None:
            yield text[start : end + 1]
        start = text.find("{", start + 1 if end is None else end + 1)


def _closing(text: str, start: int) -> int | None:
    """Return where the brace at `start` closes, braces inside strings not counted."""
    depth, quoted, escaped = 0, False, False
    for at in range(start, len(text)):
        letter = text[at]
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if not depth:
                return at
    return None


def _share(value: object) -> float | None:
    """Return a stated confidence, or None where it is no number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 and isfinite(value) else None


def _sentence(value: object) -> str:
    """Return a cleaned text, cut at the limit that the schema names."""
    return sanitize(value).strip()[:REASON_LIMIT].rstrip() if isinstance(value, str) else ""
