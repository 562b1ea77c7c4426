"""Files with a JSON object on each line: our own JSONL, and what other programs write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hub.domain.agent import YOU
from hub.domain.ids import MessageId, ThreadId, digest
from hub.domain.text import sanitize, title_of
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.transcript import Transcript
from hub.errors import TranscriptError
from hub.imports.place import Place
from hub.imports.transcript import check_version, read_parts

ROLES = {"user": YOU, "human": YOU}
"""Whom other programs mean; every other role speaks under its own name."""
_ORDER = ("thread", "message", "decision")


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a file, parsed."""

    line: int
    value: Any

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.value, f"line {self.line}")


def read_lines(records: Sequence[Record], at: int) -> Transcript:
    """Return the thread in a file of lines; ours begin with the thread itself.

    Args:
        records: At least one.
        at: UTC microseconds: when messages without a time of their own were said.

    Raises:
        TranscriptError: Names the line that is wrong.
    """
    first = records[0].value
    if isinstance(first, dict) and first.get("type") == "thread":
        return _ours(records, at)
    return _plain(records, at)


def _ours(records: Sequence[Record], at: int) -> Transcript:
    """Return what `hub.exports.jsonl` wrote: the thread, then messages, then decisions."""
    parts: dict[str, list[Place]] = {kind: [] for kind in _ORDER}
    reached = 0
    for record in records:
        kind = record.value.get("type") if isinstance(record.value, dict) else None
        if kind not in _ORDER[reached:]:
            raise record.place.refused("`type` is thread, then message, then decision")
        reached = max(_ORDER.index(kind), 1)
        value = {name: part for name, part in record.value.items() if name != "type"}
        parts[kind].append(Place(value, f"line {record.line}"))
    (head,) = parts["thread"]
    format_, version = (head.value.pop(name, None) for name in ("format", "version"))
    check_version(Place(format_, "format", head), Place(version, "version", head))
    return read_parts(head, parts["message"], parts["decision"], at)


def _plain(records: Sequence[Record], at: int) -> Transcript:
    """Return lines of `{role or author, content or body}`; all ids follow from the texts."""
    said = [found for record in records for found in _said(record)]
    if not said:
        raise TranscriptError("The file holds no message: there is nothing to import.")
    thread = ThreadId(digest("\0".join(f"{author}\0{body}" for author, body, _ in said)))
    messages: list[Message] = []
    for number, (author, body, time) in enumerate(said, start=1):
        before = messages[-1] if messages else None
        answers = before is not None and before.author != author
        messages.append(
            Message(
                id=MessageId(digest(f"{thread}\0{number}")),
                thread_id=thread,
                seq=number,
                author=author,
                kind=MessageKind.QUESTION if author == YOU else MessageKind.REPLY,
                body=body,
                created_at=at if time is None else time,
                reply_to=before.id if before and answers else None,
            )
        )
    begun = messages[0].created_at
    head = Thread(thread, title_of(messages[0].body), begun, len(said), imported=len(said))
    return Transcript(head, tuple(messages))


def _said(record: Record) -> Iterator[tuple[str, str, int | None]]:
    """Yield author, text and time of a line, unless it says nothing."""
    place = record.place
    who, what = place.first_of("author", "role"), place.first_of("body", "content")
    if who is None or what is None:
        raise place.refused("`role` or `author`, and `content` or `body`, are wanted")
    name = who.name()
    body = sanitize(text_of(what)).strip()
    time = place.first_of("created_at")
    moment = time.optional(Place.moment) if time else None
    if body:
        yield ROLES.get(name.casefold(), name), body, moment


def text_of(place: Place) -> str:
    """Return a text that may stand in parts, as the providers' own formats have it."""
    match place.value:
        case None:
            return ""
        case list(parts):
            return "\n".join(filter(None, map(_part, parts)))
        case _:
            return place.text()


def _part(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""
