"""What can be written to the journal: each value is one transaction, named after its meaning.

`Store.commit(change)` applies it whole or not at all and returns what it is parametrised with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from hub.domain.agent import Persona
from hub.domain.ask import Ask, Asked
from hub.domain.decision import Ballot, Decision, Option, Regrouping
from hub.domain.ids import DecisionId, MessageId, ThreadId, TurnId
from hub.domain.mark import Mark, Marked
from hub.domain.route import Route
from hub.domain.thread import Message, Redaction, Thread
from hub.domain.transcript import Transcript
from hub.domain.turn import Call, SentRecord, Turn, TurnState
from hub.domain.usage import Booking, Hold, HoldState

T_co = TypeVar("T_co", covariant=True)


class Change(Generic[T_co]):
    """Base of the changes; the parameter is what committing returns."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CreateThread(Change[Thread]):
    """Open a thread."""

    thread: Thread


@dataclass(frozen=True, slots=True)
class EditThread(Change[Thread]):
    """Rename or archive a thread; raises `NotFoundError`."""

    id: ThreadId
    title: str | None = None
    archived_at: int | None = None
    """Set to archive; see `restore` to take it back."""
    restore: bool = False


@dataclass(frozen=True, slots=True)
class DeleteThread(Change[None]):
    """Delete a thread with its messages, turns, calls, routes and decisions.

    Its bookings stay in the ledger: money that was spent does not come back.
    """

    id: ThreadId


@dataclass(frozen=True, slots=True)
class PostMessage(Change[Message]):
    """Post a message that no turn wrote; returns it with its sequence number.

    Raises `NotFoundError` for an unknown thread or `reply_to`. Posting the same id again returns
    the stored message unchanged.
    """

    message: Message


@dataclass(frozen=True, slots=True)
class AskQuestion(Change[Asked]):
    """Post a question and note that this program is answering it, with its first turn in line.

    Raises as `PostMessage`, and `OrphanedTurnsError` as `QueueTurn` does: then nothing is posted.
    """

    message: Message
    ask: Ask
    turn: Turn | None = None
    """None: its turns are put in line one by one."""


@dataclass(frozen=True, slots=True)
class EndQuestion(Change[None]):
    """Note that a question is over; one that is over already stays so."""

    id: MessageId


@dataclass(frozen=True, slots=True)
class KeepQuestion(Change[None]):
    """Note that nobody could be reached for a question: it waits to be sent again."""

    id: MessageId


@dataclass(frozen=True, slots=True)
class QueueTurn(Change[Turn]):
    """Put a turn in line; returns it with its ordinal.

    Raises `OrphanedTurnsError` when a dead program left turns that have not ended in the thread.
    """

    turn: Turn


@dataclass(frozen=True, slots=True)
class BeginTurn(Change[Turn]):
    """tx A: claim the turn, reserve on every scope, record what is sent, the route and the intent.

    Returns the turn, RUNNING, with its new fence. Raises `BudgetRefusedError` (and writes nothing)
    when a refusing cap would be passed, `TurnError` when the turn has ended or another one runs in
    its partition.
    """

    turn_id: TurnId
    persona: Persona
    sent: SentRecord
    route: Route
    call: Call
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """How a call ended that ran beside the turn's own, and what to book for it."""

    call: Call
    holds: HoldState
    booking: Booking | None = None


@dataclass(frozen=True, slots=True)
class OpenBeside(Change[None]):
    """Hold the money for a second call beside the one under way, and record its route and intent.

    Both stay open until the turn's next change. Raises `BudgetRefusedError` (and writes nothing)
    when a refusing cap would be passed, `TurnError` when fenced off.
    """

    fence: int
    route: Route
    call: Call
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class NextCall(Change[None]):
    """Close a failed call and open the next one of the same turn (failover, re-send).

    `previous` ends with its own state; its holds become `previous_holds`: RELEASED when it cannot
    have cost anything, UNSETTLED when it may have. Raises `BudgetRefusedError`, `TurnError` when
    fenced off.
    """

    fence: int
    previous: Call
    previous_holds: HoldState
    route: Route
    call: Call
    holds: tuple[Hold, ...]
    booking: Booking | None = None
    """What the previous call cost, where that is known (a partial stream)."""
    sent: SentRecord | None = None
    """What the new call sends: another limit, or one more request; None: the same."""
    beside: Closed | None = None
    """The call that ran beside the previous one."""


@dataclass(frozen=True, slots=True)
class EndTurn(Change[Message | None]):
    """tx B: the call's end, its booking, its holds, the message or ballot, and the turn's state.

    Returns the message with its sequence number. When the turn was fenced off, message and ballot
    are dropped and the booking is kept; then it returns None. The state QUEUED is no end: it puts
    the turn back in line, since its program ends before it.
    """

    turn_id: TurnId
    fence: int
    state: TurnState
    call: Call | None = None
    """None when the turn ended before any call."""
    holds: HoldState = HoldState.SETTLED
    booking: Booking | None = None
    message: Message | None = None
    ballot: Ballot | None = None
    decision_id: DecisionId | None = None
    partial: str = ""
    error: str = ""
    beside: Closed | None = None
    """The call that ran beside this one."""


@dataclass(frozen=True, slots=True)
class CancelTurn(Change[Turn]):
    """Ask a turn to stop: a queued one ends now, a running one by its owner (`cancel_at`)."""

    turn_id: TurnId
    at: int
    """UTC microseconds."""


@dataclass(frozen=True, slots=True)
class AdoptTurns(Change[tuple[Turn, ...]]):
    """Take over the turns and questions that dead programs left (`resume`).

    Turns get a new owner, fence + 1, and are QUEUED again. A call that was INTENT becomes UNKNOWN
    with its holds UNSETTLED: the journal cannot tell whether it was sent. A turn that is not worth
    another run ends at once: one to be stopped, one whose call was lost twice, one that was taken
    over three times and never came to send anything.
    """

    thread_id: ThreadId | None = None
    """None: of all threads."""


@dataclass(frozen=True, slots=True)
class DropTurns(Change[tuple[Turn, ...]]):
    """End the turns that dead programs left (`stop`): CANCELLED, open calls as in `AdoptTurns`.

    Their questions are this program's now, to be brought to their end.
    """

    thread_id: ThreadId | None = None
    turn_id: TurnId | None = None


@dataclass(frozen=True, slots=True)
class OpenDecision(Change[Decision]):
    """Put a question to the vote."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class CastBallot(Change[None]):
    """Record a ballot that no turn wrote (the person's); one per voter and round."""

    decision_id: DecisionId
    ballot: Ballot


@dataclass(frozen=True, slots=True)
class WidenDecision(Change[Decision]):
    """Put more options on the table; ballots that were cast stand. Raises where it is closed."""

    id: DecisionId
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RegroupDecision(Change[Decision]):
    """Join or split options of a vote that is open; ballots that were cast stand.

    Raises `UsageError` where it is closed, or the options are no longer those that are changed.
    """

    id: DecisionId
    regrouping: Regrouping


@dataclass(frozen=True, slots=True)
class ReopenDecision(Change[Decision]):
    """Take back an outcome that decided nothing, to go on; ballots stand.

    Raises `UsageError` where it is decided: that outcome stands.
    """

    id: DecisionId


@dataclass(frozen=True, slots=True)
class CloseDecision(Change[Message | None]):
    """Write tally, dissent and outcome, and post the hub's sentence on it, if any."""

    decision: Decision
    message: Message | None = None
    counted: int | None = None
    """Ballots that were counted, on these options: raises `UsageError` where that is no longer all
    that stands. None: whatever stands."""


@dataclass(frozen=True, slots=True)
class MarkMessage(Change[Marked]):
    """Keep what the person says of an answer; raises `NotFoundError`."""

    id: MessageId
    mark: Mark
    at: int
    """UTC microseconds."""


@dataclass(frozen=True, slots=True)
class MarkDecision(Change[Marked]):
    """Keep what the person says of a decision; raises `NotFoundError`."""

    id: DecisionId
    mark: Mark
    at: int
    """UTC microseconds."""


@dataclass(frozen=True, slots=True)
class KeepLearned(Change[None]):
    """Keep what was worked out of turns and marks; what knows fewer marks than kept is dropped."""

    name: str
    body: str
    marks: int
    """Number of the newest mark that is in it."""


@dataclass(frozen=True, slots=True)
class SetBudget(Change[None]):
    """Set or lift a cap that the person wrote."""

    id: str
    cap: int | None
    """Micro-dollars; None lifts it."""


@dataclass(frozen=True, slots=True)
class PinMessage(Change[Message]):
    """Pin a message into every view, or take the pin out."""

    id: MessageId
    pinned: bool = True


@dataclass(frozen=True, slots=True)
class RedactMessage(Change[Redaction]):
    """Take a message's text out of the journal, wherever it stands; it keeps its place."""

    id: MessageId


@dataclass(frozen=True, slots=True)
class ImportThreads(Change[tuple[Thread, ...]]):
    """Take in whole threads from a file, all or nothing; returns those that were not here yet.

    Ids, times and authors are kept. What the file says of costs is kept beside the ledger and is
    never booked. Raises `TranscriptError` when a message, turn or decision of the file is part of
    another thread here.
    """

    transcripts: tuple[Transcript, ...]
    own: bool = False
    """True: they are copies of what was said here, so only what was imported there is told."""


ERASING = (DeleteThread, RedactMessage)
"""Changes after which nothing of the old text may be left in the file or its log."""
