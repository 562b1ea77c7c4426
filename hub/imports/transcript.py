"""Our own transcript, version 1, as values: what `hub.exports.json_transcript` wrote, checked.

What the shape does not hold comes back empty: pins, files, tokens, and the turns behind ballots.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.agent import Deployment, ProviderKind
from hub.domain.decision import Decision
from hub.domain.ids import MessageId, ThreadId, TurnId, digest
from hub.domain.route import Candidate, Route
from hub.domain.text import one_line
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.transcript import FORMAT, VERSION, Transcript, TurnSummary
from hub.domain.turn import TurnState
from hub.domain.usage import UsageRow
from hub.errors import TranscriptError
from hub.imports.decision import read_decision
from hub.imports.place import Place

_THREAD = ("id", "title", "created_at", "messages", "cost_usd", "archived")
_MESSAGE = (
    *("id", "seq", "author", "kind", "body", "reply_to", "to", "mentions", "created_at", "turn"),
)
_TURN = ("agent", "provider", "model", "cost_usd", "latency_s", "route")
_ROUTE = (
    *("turn", "agent", "strategy", "provider", "model", "reason", "propensity", "candidates"),
    "chain",
)
_CANDIDATE = (
    *("deployment", "removed", "cost_usd", "ceiling_usd", "latency_s", "availability", "score"),
)
_KINDS = {kind.value: kind for kind in ProviderKind}


def read_object(value: object, at: int) -> Transcript:
    """Return the transcript in the object of `export --format json`.

    Args:
        value: The whole file.
        at: UTC microseconds at which an archived thread counts as archived.

    Raises:
        TranscriptError: Names the first place that is wrong.
    """
    top = Place(value)
    found = top.fields("format", "version", "thread", "messages", "decisions")
    check_version(found["format"], found["version"])
    return read_parts(found["thread"], found["messages"].items(), found["decisions"].items(), at)


def check_version(format_: Place, version: Place) -> None:
    """Refuse other formats, and what a newer GitBridge wrote."""
    if format_.value != FORMAT:
        raise format_.refused(f"`{FORMAT}` is wanted")
    if version.whole(1) > VERSION:
        raise TranscriptError(
            f"The file has version {version.value} of our format, and this GitBridge reads up to "
            f"{VERSION}: install the newer one that wrote it."
        )


def read_parts(
    thread_at: Place, messages_at: Iterable[Place], decisions_at: Iterable[Place], at: int
) -> Transcript:
    """Return the transcript that these parts make up; see `read_object`."""
    head = thread_at.fields(*_THREAD)
    reader = _Reader(ThreadId(head["id"].id()))
    messages = tuple(map(reader.message, messages_at))
    if head["messages"].whole() != len(messages):
        raise head["messages"].refused(f"{len(messages)} messages are in the file")
    decisions: list[Decision] = []
    for place in decisions_at:
        decision = read_decision(place, reader.thread)
        if decision.id in {other.id for other in decisions}:
            raise place.refused("a decision of this id stands in the file before")
        for ballot in decision.ballots:
            if ballot.turn_id is not None:
                reader.cast(ballot.turn_id, place, by_post=decision.proposal.by_posts)
        decisions.append(decision)
    thread = Thread(
        id=reader.thread,
        title=one_line(head["title"].text()) or "untitled",
        created_at=head["created_at"].moment(),
        last_seq=len(messages),
        archived_at=at if head["archived"].flag() else None,
        imported=len(messages),
    )
    cost = head["cost_usd"].optional(Place.money)
    usage = usage_told(thread.id, cost, calls=len(reader.claimed))
    return Transcript(thread, messages, reader.turns, tuple(decisions), usage)


def usage_told(thread: ThreadId, cost: int | None, *, calls: int) -> UsageRow | None:
    """Return the cost that a file tells of, in micro-dollars; None where nothing was called.

    A cost that the file does not know is unknown for every call.
    """
    if cost is None and not calls:
        return None
    unknown = calls if cost is None else 0
    return UsageRow(thread, 0, 0, 0, 0, 0, 0, cost or 0, unknown, calls)


class _Reader:
    """What messages refer to: the ids that were seen before."""

    def __init__(self, thread: ThreadId) -> None:
        self.thread = thread
        self.turns: dict[TurnId, TurnSummary] = {}
        self.claimed: set[TurnId] = set()
        self._cast: set[TurnId] = set()
        self._seen: set[str] = set()

    def claim(self, turn: TurnId, place: Place) -> None:
        """Give a turn to the one message or ballot that it wrote."""
        if turn in self.claimed:
            raise place.refused(f"turn {turn} has written something else before")
        self.claimed.add(turn)

    def cast(self, turn: TurnId, place: Place, *, by_post: bool) -> None:
        """Give a turn to its one ballot, which may be what it posted where a post is the vote."""
        if turn in self._cast or not (by_post and turn in self.claimed):
            self.claim(turn, place)
        self._cast.add(turn)

    def message(self, place: Place) -> Message:
        found = place.fields(*_MESSAGE)
        id_ = MessageId(found["id"].id())
        if id_ in self._seen:
            raise found["id"].refused("a message of this id stands in the file before")
        number = len(self._seen) + 1
        if found["seq"].whole() != number:
            raise found["seq"].refused(f"{number} is wanted: messages are numbered without a gap")
        answered = found["reply_to"].optional(Place.id)
        if answered is not None and answered not in self._seen:
            raise found["reply_to"].refused("no earlier message has this id")
        self._seen.add(id_)
        turn = found["turn"].optional(lambda at: read_turn(at, id_))
        if turn is not None:
            self.claim(turn.id, found["turn"])
            self.turns[turn.id] = turn
        return Message(
            id=id_,
            thread_id=self.thread,
            seq=number,
            author=found["author"].name(),
            kind=found["kind"].word(MessageKind),
            body=found["body"].text(),
            created_at=found["created_at"].moment(),
            reply_to=None if answered is None else MessageId(answered),
            mentions=found["mentions"].each(Place.name),
            to=found["to"].each(Place.name),
            turn_id=None if turn is None else turn.id,
        )


def read_turn(place: Place, message: MessageId) -> TurnSummary:
    """Return the turn behind a message; one without a route has an id made from the message's."""
    found = place.fields(*_TURN)
    route = found["route"].optional(_route)
    return TurnSummary(
        id=TurnId(digest(f"turn\0{message}")) if route is None else route.turn_id,
        agent=found["agent"].name(),
        state=TurnState.DONE,
        provider=found["provider"].optional(Place.text),
        model=found["model"].optional(Place.text),
        cost=found["cost_usd"].optional(Place.money),
        latency_s=found["latency_s"].optional(Place.number),
        route=route,
    )


def _route(place: Place) -> Route:
    found = place.fields(*_ROUTE)
    candidates = found["candidates"].each(_candidate)
    if not candidates:
        raise found["candidates"].refused("the chosen deployment is missing")
    return Route(
        turn_id=TurnId(found["turn"].id()),
        agent=found["agent"].name(),
        strategy=found["strategy"].text(),
        deployment=_deployment(found["provider"].text(), found["model"].text()),
        candidates=candidates,
        reason=found["reason"].text(),
        propensity=found["propensity"].share(),
        chain=found["chain"].each(_next_best),
    )


def _next_best(place: Place) -> Deployment:
    provider, slash, model = place.text().partition("/")
    if not slash:
        raise place.refused("`provider/model` is wanted")
    return _deployment(provider, model)


def _deployment(provider: str, model: str) -> Deployment:
    return Deployment(provider, model, _KINDS.get(provider, ProviderKind.COMPATIBLE))


def _candidate(place: Place) -> Candidate:
    found = place.fields(*_CANDIDATE)
    return Candidate(
        deployment=found["deployment"].text(),
        removed=found["removed"].optional(Place.text),
        cost=found["cost_usd"].optional(Place.money),
        ceiling=found["ceiling_usd"].optional(Place.money),
        latency_s=found["latency_s"].optional(Place.number),
        availability=found["availability"].optional(Place.share),
        score=found["score"].optional(Place.number),
    )
