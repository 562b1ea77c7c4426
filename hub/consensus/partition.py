"""Which drafts a judge takes for the same answer: its schema, and how its answer is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.consensus.ballot import BallotError, object_in

Groups = tuple[tuple[int, ...], ...]
_GROUPS = "groups"


def partition_schema(drafts: int) -> dict[str, object]:
    """Return the JSON schema of a judge's answer about drafts 1 to `drafts`."""
    number = {"type": "integer", "minimum": 1, "maximum": drafts}
    group = {"type": "array", "items": number, "maxItems": drafts}
    return {
        "type": "object",
        "properties": {_GROUPS: {"type": "array", "items": group, "maxItems": drafts}},
        "required": [_GROUPS],
        "additionalProperties": False,
    }


def parse_partition(text: str, schema: Mapping[str, Any]) -> Groups:
    """Return the groups in an answer, as numbers from 0; drafts left out stand alone.

    Args:
        text: What the model wrote.
        schema: As `partition_schema` returned it.

    Raises:
        BallotError: No such object, a number that is no draft's, or a draft in two groups.
    """
    most = int(schema["properties"][_GROUPS]["items"]["items"]["maximum"])
    said = object_in(text).get(_GROUPS)
    groups = said if isinstance(said, list) else None
    if groups is None or not all(isinstance(group, list) for group in groups):
        raise BallotError(f'"{_GROUPS}" must be a list of lists of numbers.')
    named = [number for group in groups for number in group]
    if not all(_is_number(number, most) for number in named):
        raise BallotError(f"Drafts are numbered from 1 to {most}.")
    if len(set(named)) < len(named):
        raise BallotError("A draft may stand in one group only.")
    return tuple(tuple(number - 1 for number in group) for group in groups)


def merges(groups: Sequence[Sequence[int]]) -> bool:
    """True where some draft is put together with another."""
    return any(len(group) > 1 for group in groups)


def _is_number(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
