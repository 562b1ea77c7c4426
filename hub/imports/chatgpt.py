"""ChatGPT's `conversations.json`: each conversation becomes a thread, along the path last shown.

A conversation is a tree, since answers can be asked for again; `current_node` is the leaf that was
on the screen. What people saw is taken: texts of the person and of the model. Tools, hidden
instructions and pictures are left out.
"""

from __future__ import annotations

from typing import Any

from hub.domain.agent import YOU
from hub.domain.ids import MessageId, ThreadId, TurnId, digest
from hub.domain.text import one_line, sanitize, title_of
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.transcript import Transcript, TurnSummary
from hub.domain.turn import TurnState
from hub.errors import TranscriptError
from hub.imports.lines import text_of
from hub.imports.place import Place, is_id, seconds_since_1970
from hub.imports.transcript import usage_told

ASSISTANT = "chatgpt"
"""Author of what the model said."""
_PROVIDER = "openai"
_SHOWN = ("text", "multimodal_text")


def is_export(value: object) -> bool:
    """Tell whether a JSON value is such a file: conversations, or one of them."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and "mapping" in first


def read_export(value: Any, at: int) -> tuple[Transcript, ...]:
    """Return a thread for each conversation in which something was said.

    Args:
        value: The whole file.
        at: UTC microseconds: when messages without a time of their own were said.

    Raises:
        TranscriptError: Names the first place that is wrong.
    """
    places = Place(value).items() if isinstance(value, list) else [Place(value)]
    found = [thread for place in places if (thread := _conversation(place, at)).messages]
    if not found:
        raise TranscriptError("The file holds no message: there is nothing to import.")
    known: set[str] = set()
    for transcript in found:
        ids = {transcript.thread.id, *(message.id for message in transcript.messages)}
        if len(ids) <= len(transcript.messages) or ids & known:
            raise TranscriptError(
                "The file is refused: two of its conversations or messages have the same id; "
                "nothing was imported."
            )
        known |= ids
    return tuple(found)


def _conversation(place: Place, at: int) -> Transcript:
    parts = place.named()
    if "mapping" not in parts:
        raise place.refused("`mapping` is missing")
    wanted = _value(parts, "conversation_id") or _value(parts, "id")
    thread = ThreadId(_kept(wanted, "\0".join(parts["mapping"].named())))
    begun = seconds_since_1970(_value(parts, "create_time"))
    reader = _Path(thread, at if begun is None else begun)
    for node in _path(parts["mapping"], _value(parts, "current_node")):
        reader.take(node)
    said = reader.messages
    title = _value(parts, "title")
    return Transcript(
        thread=Thread(
            id=thread,
            title=(one_line(title) if isinstance(title, str) else "")
            or title_of(said[0].body if said else ""),
            created_at=reader.begun,
            last_seq=len(said),
            imported=len(said),
        ),
        messages=tuple(said),
        turns=reader.turns,
        usage=usage_told(thread, None, calls=len(reader.turns)),
    )


def _path(mapping: Place, leaf: object) -> list[Place]:
    """Return the nodes from the root to the leaf; without one, to the node that came last."""
    nodes = mapping.named()
    at = leaf if isinstance(leaf, str) and leaf in nodes else next(reversed(list(nodes)), None)
    path: dict[str, Place] = {}
    while isinstance(at, str) and at in nodes:
        if at in path:
            raise nodes[at].refused("it is its own ancestor")
        path[at] = nodes[at]
        at = _value(nodes[at].named(), "parent")
    return list(path.values())[::-1]


class _Path:
    """The messages of a conversation, as they were shown."""

    def __init__(self, thread: ThreadId, begun: int) -> None:
        self.thread = thread
        self.begun = begun
        self.messages: list[Message] = []
        self.turns: dict[TurnId, TurnSummary] = {}
        self._latest = begun

    def take(self, node: Place) -> None:
        """Add what a node says, unless it is none of what was shown."""
        found = node.named().get("message")
        if found is None or found.value is None:
            return
        message = found.named()
        by_person = _role(message) == "user"
        body = _shown(message)
        if body is None:
            return
        id_ = MessageId(_kept(_value(message, "id"), f"{self.thread}\0{node.path}"))
        time = seconds_since_1970(_value(message, "create_time"))
        self._latest = self._latest if time is None else time
        turn = None if by_person else self._turn(id_, message)
        self.messages.append(
            Message(
                id=id_,
                thread_id=self.thread,
                seq=len(self.messages) + 1,
                author=YOU if by_person else ASSISTANT,
                kind=MessageKind.QUESTION if by_person else MessageKind.REPLY,
                body=body,
                created_at=self._latest,
                reply_to=self.messages[-1].id if self.messages else None,
                turn_id=turn.id if turn else None,
            )
        )

    def _turn(self, message: MessageId, parts: Any) -> TurnSummary:
        """Return who answered; what that cost is not in the file."""
        model = _inside(parts, "metadata", "model_slug")
        turn = TurnSummary(
            id=TurnId(digest(f"turn\0{message}")),
            agent=ASSISTANT,
            state=TurnState.DONE,
            provider=_PROVIDER,
            model=one_line(model) if isinstance(model, str) else None,
        )
        self.turns[turn.id] = turn
        return turn


def _shown(message: Any) -> str | None:
    """Return the text of a message that was shown; None for all others."""
    hidden = _inside(message, "metadata", "is_visually_hidden_from_conversation")
    aside = _value(message, "recipient") not in (None, "all")
    if hidden is True or aside or _role(message) not in ("user", "assistant"):
        return None
    if _inside(message, "content", "content_type") not in _SHOWN:
        return None
    parts = message["content"].named().get("parts")
    return sanitize(text_of(parts)).strip() or None if parts is not None else None


def _role(message: Any) -> object:
    return _inside(message, "author", "role")


def _inside(parts: Any, name: str, inner: str) -> object:
    value = _value(parts, name)
    return value.get(inner) if isinstance(value, dict) else None


def _value(parts: Any, name: str) -> Any:
    return parts[name].value if name in parts else None


def _kept(id_: object, otherwise: str) -> str:
    """Return the file's own id where it can be one here, else one made from a text."""
    return (
        str(id_)
        if is_id(id_)
        else digest(sanitize(id_ if isinstance(id_, str) and id_ else otherwise))
    )
