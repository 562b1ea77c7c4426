"""The rules of a thread: what a valid post is, whom it mentions, what kind a turn's post has."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hub.domain.agent import Persona
from hub.domain.ids import MessageId, ThreadId, message_id
from hub.domain.text import sanitize
from hub.domain.thread import Attachment, Message, MessageKind
from hub.domain.turn import Purpose, Reply, Turn
from hub.errors import UsageError

LONGEST = 400_000
"""Characters of one post; longer text belongs into a file."""

_MENTION = re.compile(r"(?<![\w@])@([A-Za-z0-9][\w-]{0,31})")

_KINDS = {
    Purpose.REPLY: MessageKind.REPLY,
    Purpose.DRAFT: MessageKind.DRAFT,
    Purpose.CRITIQUE: MessageKind.CRITIQUE,
}


def clean_post(text: str) -> str:
    """Return the text as it may be stored.

    Raises:
        UsageError: It is empty, or longer than `LONGEST`.
    """
    body = sanitize(text).strip()
    if not body:
        raise UsageError("The question is empty: write what you want to know.")
    if len(body) > LONGEST:
        raise UsageError(
            f"The text has {len(body):,} characters, more than {LONGEST:,}: attach it as a file."
        )
    return body


def mentions(body: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the known names that a text mentions as `@name`, each once, in order."""
    known = {name.casefold(): name for name in names}
    found = (known.get(match.casefold()) for match in _MENTION.findall(body))
    return tuple(dict.fromkeys(name for name in found if name))


def post(
    thread: ThreadId,
    body: str,
    *,
    author: str,
    kind: MessageKind,
    at: int,
    names: Iterable[str] = (),
    reply_to: MessageId | None = None,
    to: tuple[str, ...] = (),
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    """Return a message that a person, a script or the hub writes; the store numbers it.

    Raises:
        UsageError: As `clean_post`.
    """
    body = clean_post(body)
    return Message(
        id=message_id(at),
        thread_id=thread,
        seq=0,
        author=author,
        kind=kind,
        body=body,
        created_at=at,
        reply_to=reply_to,
        mentions=mentions(body, names),
        to=to,
        attachments=attachments,
    )


def message_from(turn: Turn, reply: Reply, names: Iterable[str], at: int) -> Message:
    """Return the message that a turn's reply becomes; the store numbers it."""
    return Message(
        id=message_id(at),
        thread_id=turn.thread_id,
        seq=0,
        author=turn.order.agent,
        kind=_KINDS[turn.order.purpose],
        body=reply.text.strip(),
        created_at=at,
        reply_to=turn.order.prompt_to,
        mentions=mentions(reply.text, (n for n in names if n != turn.order.agent)),
        turn_id=turn.id,
    )


def addressee(message: Message, personas: tuple[Persona, ...]) -> str:
    """Return the agent a plain message goes to: the one addressed or mentioned, else the first."""
    names = {persona.name for persona in personas}
    for name in (*message.to, *message.mentions):
        if name in names:
            return name
    return personas[0].name
