"""What can be asked of the journal. `Store.read(query)` answers with the query's parameter.

References (`ref`) are what a person types: a whole id, its beginning where that is unambiguous,
or `last`. Nothing found raises `NotFoundError`, an ambiguous beginning `UsageError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hub.domain.ask import OpenQuestion
from hub.domain.decision import Decision
from hub.domain.ids import DecisionId, ThreadId, TurnId
from hub.domain.interaction import CallSums, LoggedCall, News, Place
from hub.domain.limits import RateLimits
from hub.domain.mark import Grade, Marked
from hub.domain.route import Route, RoutedCall
from hub.domain.thread import Attachment, Message, Thread, ThreadSummary
from hub.domain.transcript import TurnSummary
from hub.domain.turn import Purpose, Turn, TurnRecord
from hub.domain.usage import Budget, PossibleCharge, UsageRow

T_co = TypeVar("T_co", covariant=True)


class Query(Generic[T_co]):
    """Base of the queries; the parameter is the answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ThreadByRef(Query[Thread]):
    """One thread; `last` is the one with the newest message."""

    ref: str


@dataclass(frozen=True, slots=True)
class ThreadList(Query[tuple[ThreadSummary, ...]]):
    """Threads, the one with the newest message first."""

    archived: bool = False
    """True: the archived ones only."""


@dataclass(frozen=True, slots=True)
class QuietThreads(Query[tuple[Thread, ...]]):
    """Threads without a newer message and without an open turn, the oldest first."""

    since: int
    """UTC microseconds; a message at that moment is newer."""


@dataclass(frozen=True, slots=True)
class Messages(Query[tuple[Message, ...]]):
    """A page of a thread in order of `seq`: the newest `limit` before `before`, or from `after`."""

    thread_id: ThreadId
    before: int | None = None
    """Exclusive upper sequence number; None: from the end."""
    after: int | None = None
    """Exclusive lower sequence number: then the oldest `limit` behind it."""
    limit: int | None = None
    """None: all."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a thread an agent may be given to read."""

    messages: tuple[Message, ...]
    """The newest, in order."""
    pinned: tuple[Message, ...]
    """In order; they may be older."""
    texts: tuple[Attachment, ...]
    """Files of the messages, with their text."""
    imported: int
    """Messages up to this number came with a file."""


@dataclass(frozen=True, slots=True)
class ReadingFor(Query[Reading]):
    """What a turn is given to read, from one moment; raises `NotFoundError`."""

    thread_id: ThreadId
    before: int | None = None
    """Exclusive upper sequence number; None: from the end."""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class MessageByRef(Query[Message]):
    """One message."""

    ref: str


@dataclass(frozen=True, slots=True)
class Search(Query[tuple[Message, ...]]):
    """Messages that contain all the words, newest first."""

    text: str
    thread_id: ThreadId | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class TurnById(Query[Turn]):
    """One turn, by its whole id."""

    id: TurnId


@dataclass(frozen=True, slots=True)
class TurnRecordByRef(Query[TurnRecord]):
    """Exactly what was sent for a turn and what came back."""

    ref: str


@dataclass(frozen=True, slots=True)
class RouteOf(Query[Route | None]):
    """The newest route of a turn; None when it ended before one was chosen."""

    turn_id: TurnId


@dataclass(frozen=True, slots=True)
class RoutedCalls(Query[tuple[RoutedCall, ...]]):
    """Routes with what came of them, of one turn or the newest of all, the oldest first."""

    ref: str | None = None
    """Reference of a turn; None: of all."""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class TurnSummaries(Query[Mapping[TurnId, TurnSummary]]):
    """The turns of a thread, with model, cost and route, in the order they were queued."""

    thread_id: ThreadId
    routes: bool = True
    """False: without their routes, which take ten times as long to read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question so far."""

    thread: Thread
    messages: tuple[Message, ...]
    """What its turns posted, in order."""
    turns: tuple[TurnSummary, ...]
    """In the order they were queued."""
    usage: UsageRow


@dataclass(frozen=True, slots=True)
class OutcomeOf(Query[Outcome]):
    """What came of one question, from one moment; raises `NotFoundError`."""

    question: Message


@dataclass(frozen=True, slots=True)
class OpenTurns(Query[tuple[Turn, ...]]):
    """Turns that have not ended."""

    thread_id: ThreadId | None = None
    orphaned: bool = False
    """True: only those whose program is gone."""


@dataclass(frozen=True, slots=True)
class OpenQuestions(Query[tuple[OpenQuestion, ...]]):
    """Questions under way with their turns: this program's own, or those nobody answers any more."""

    thread_id: ThreadId | None = None
    orphaned: bool = False
    """True: those whose program is gone, instead of this program's."""
    everyones: bool = False
    """True: those of every program, living or gone."""


@dataclass(frozen=True, slots=True)
class DecisionByRef(Query[Decision]):
    """One decision with its ballots."""

    ref: str


@dataclass(frozen=True, slots=True)
class DecisionList(Query[tuple[Decision, ...]]):
    """Decisions with their ballots, newest first."""

    thread_id: ThreadId | None = None
    limit: int | None = None
    closed_since: int | None = None
    """UTC microseconds: only those closed then or later; None: open ones too."""


@dataclass(frozen=True, slots=True)
class UsageBy(Query[tuple[UsageRow, ...]]):
    """Bookings summed up by one key, ordered by key."""

    by: str = "provider"
    """provider, model, agent, thread, tag, day, month, or `total` (one row)."""
    since: str | None = None
    """ISO date: that day and later ones."""
    thread_id: ThreadId | None = None
    question_id: str | None = None
    """Only the turns of one question (`ask`)."""


@dataclass(frozen=True, slots=True)
class InteractionsSince(Query[News]):
    """Who spoke to whom and what it cost since a place, over all threads."""

    place: Place = field(default_factory=Place)
    limit: int = 50_000
    """Rows of each kind; ask again while the answer is not complete."""


@dataclass(frozen=True, slots=True)
class DecisionCosts(Query[Mapping[DecisionId, UsageRow]]):
    """What each decision cost: every turn of its question, drafts and critique included."""

    thread_id: ThreadId | None = None


@dataclass(frozen=True, slots=True)
class CallTotals(Query[CallSums]):
    """All calls that ended, summed up by deployment."""


@dataclass(frozen=True, slots=True)
class CallLog(Query[tuple[LoggedCall, ...]]):
    """Calls that ended, oldest first, with what was booked for them."""

    since: int = 0
    """UTC microseconds of their end."""
    thread_id: ThreadId | None = None
    limit: int | None = None
    """The newest so many; None: all."""


@dataclass(frozen=True, slots=True)
class ImportedUsage(Query[UsageRow | None]):
    """What the file that a thread came with says it cost; None: it came with none, or says none."""

    thread_id: ThreadId


@dataclass(frozen=True, slots=True)
class Budgets(Query[Mapping[str, Budget]]):
    """Budgets by id: the named ones, or all."""

    ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PossibleCharges(Query[tuple[PossibleCharge, ...]]):
    """Calls that may have been billed without an answer: possible double charges."""


@dataclass(frozen=True, slots=True)
class CallFact:
    """What one finished call says about its deployment."""

    deployment: str
    """`provider/model` that was asked."""
    ok: bool
    ended_at: int
    """UTC microseconds."""
    first_token_s: float | None
    latency_s: float
    prompt_tokens: int
    completion_tokens: int
    error: str = ""
    purpose: Purpose = Purpose.REPLY
    """What the turn was for: ballots are shorter than replies."""
    estimate: int = 0
    """Tokens that it was expected to take, prompt and answer together."""
    tokens: int | None = None
    """Tokens that it did take; None: nobody knows."""
    tries: int = 1
    """Requests that reached the provider."""
    declined: int = 0
    """How many of them the provider declined: a rate limit, or overload."""
    limits: RateLimits | None = None
    """What the provider said of rate limits."""
    overtaken: bool = False
    """True: it was stopped before it had said anything, as another call was quicker; it was at least
    so slow, and nothing else is known of it."""


@dataclass(frozen=True, slots=True)
class RecentCalls(Query[tuple[CallFact, ...]]):
    """The newest calls of all threads, oldest first: what the router learns its figures from."""

    limit: int = 500


@dataclass(frozen=True, slots=True)
class Marks(Query[tuple[Marked, ...]]):
    """Marks in the order they were made, of messages or of decisions."""

    decisions: bool = False
    """True: of decisions."""
    after: int = 0
    """Exclusive lower number."""
    thread_id: ThreadId | None = None


@dataclass(frozen=True, slots=True)
class Grades(Query[tuple[Grade, ...]]):
    """What marks say of single answers, in the order they were made.

    A message's mark speaks of its turn. A decision's speaks of every ballot where the right option
    is known, else of those that chose the winner.
    """

    after: int = 0
    """Exclusive lower number of marks."""


@dataclass(frozen=True, slots=True)
class Learned(Query[tuple[str, int] | None]):
    """What `KeepLearned` kept, with the number of the newest mark in it."""

    name: str
