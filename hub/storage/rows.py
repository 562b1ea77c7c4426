"""Rows as domain values: one SELECT and one decoder for each."""

from __future__ import annotations

import json
from functools import lru_cache

from hub.domain.decision import Ballot, Decision, Dissent, Flip, Proposal, Tally
from hub.domain.ids import DecisionId, MessageId, ThreadId, TurnId
from hub.domain.regrouping import placed
from hub.domain.thread import Attachment, Message, MessageKind, Thread
from hub.domain.turn import Call, CallState, Turn, TurnOrder, TurnState
from hub.domain.usage import Price, Usage
from hub.errors import NotFoundError
from hub.storage.codec import decode, decode_all, strings
from hub.storage.session import Row, Session

THREAD = "SELECT id, title, created_at, last_seq, archived_at, imported_seq FROM thread"
MESSAGE = (
    "SELECT id, thread_id, seq, author, kind, body, created_at, reply_to, mentions, to_agents,"
    " turn_id, attachments, pinned FROM message"
)
TURN = (
    "SELECT id, thread_id, wanted, partition_key, state, queued_at, ordinal, fence, owner,"
    " attempts, cancel_at, started_at, ended_at, partial, error FROM turn"
)
CALL = (
    "SELECT id, turn_id, n, provider, model, started_at, request_hash, price, reserved, state,"
    " tries, served_model, usage, status, error, first_token_s, ended_at FROM call"
)
DECISION = (
    "SELECT id, thread_id, proposal, opened_at, tally, dissent, flips, stop_reason, closed_at"
    " FROM decision"
)

_KINDS = {str(kind): kind for kind in MessageKind}
_TURN_STATES = {str(state): state for state in TurnState}
_CALL_STATES = {str(state): state for state in CallState}


def thread_of(row: Row) -> Thread:
    """Return the thread of a `THREAD` row."""
    return Thread(*row)


def message_of(row: Row) -> Message:
    """Return the message of a `MESSAGE` row; its attachments are without their text."""
    id_, thread, seq, author, kind, body, at, reply_to, mentions, to, turn, files, pinned = row
    return Message(
        id_,
        thread,
        seq,
        author,
        _KINDS[kind],
        body,
        at,
        reply_to,
        strings(mentions),
        strings(to),
        turn,
        () if files == "[]" else tuple(Attachment(**item) for item in json.loads(files)),
        bool(pinned),
    )


def turn_of(row: Row) -> Turn:
    """Return the turn of a `TURN` row."""
    id_, thread, wanted, partition, state, *rest = row
    return Turn(id_, thread, _order(wanted), partition, _TURN_STATES[state], *rest)


@lru_cache(maxsize=256)
def _order(text: str) -> TurnOrder:
    """Return a turn's order, which is read half a dozen times while the turn runs."""
    return decode(TurnOrder, text)


def call_of(row: Row) -> Call:
    """Return the call of a `CALL` row."""
    id_, turn, n, provider, model, started, request_hash, price, reserved, state, *end = row
    tries, served, usage, status, error, first, ended = end
    return Call(
        id=id_,
        turn_id=turn,
        n=n,
        provider=provider,
        model=model,
        started_at=started,
        request_hash=request_hash,
        price=price and decode(Price, price),
        reserved=reserved,
        state=_CALL_STATES[state],
        tries=tries,
        served_model=served,
        usage=usage and decode(Usage, usage),
        status=status,
        error=error,
        first_token_s=first,
        ended_at=ended,
    )


def decision_of(session: Session, row: Row) -> Decision:
    """Return the decision of a `DECISION` row, its ballots where regroupings have put them."""
    id_, thread, proposal, opened_at, tally, dissent, flips, stop_reason, closed_at = row
    ballots = session.rows("SELECT body FROM ballot WHERE decision_id = ? ORDER BY rowid", id_)
    put = decode(Proposal, proposal)
    return Decision(
        id=id_,
        thread_id=thread,
        proposal=put,
        opened_at=opened_at,
        ballots=placed(put, (decode(Ballot, body) for (body,) in ballots)),
        tally=tally and decode(Tally, tally),
        dissent=decode_all(Dissent, dissent),
        flips=decode_all(Flip, flips),
        stop_reason=stop_reason,
        closed_at=closed_at,
    )


def load_thread(session: Session, id_: ThreadId) -> Thread:
    """Return a thread by its whole id.

    Raises:
        NotFoundError: There is none.
    """
    row = session.row(THREAD + " WHERE id = ?", id_)
    if row is None:
        raise no_thread(id_)
    return thread_of(row)


def no_thread(id_: ThreadId) -> NotFoundError:
    """Return the error for an unknown thread."""
    return NotFoundError(f"There is no thread {id_}: `gitbridge thread list` shows all.")


def find_message(session: Session, id_: MessageId) -> Message | None:
    """Return a message by its whole id, or None."""
    row = session.row(MESSAGE + " WHERE id = ?", id_)
    return None if row is None else message_of(row)


def load_message(session: Session, id_: MessageId) -> Message:
    """Return a message by its whole id.

    Raises:
        NotFoundError: There is none.
    """
    message = find_message(session, id_)
    if message is None:
        raise NotFoundError(f"There is no message {id_}: `gitbridge thread show` lists them.")
    return message


def find_turn(session: Session, id_: TurnId) -> Turn | None:
    """Return a turn by its whole id, or None."""
    row = session.row(TURN + " WHERE id = ?", id_)
    return None if row is None else turn_of(row)


def load_turn(session: Session, id_: TurnId) -> Turn:
    """Return a turn by its whole id.

    Raises:
        NotFoundError: There is none.
    """
    turn = find_turn(session, id_)
    if turn is None:
        raise NotFoundError(f"There is no turn {id_}.")
    return turn


def load_decision(session: Session, id_: DecisionId) -> Decision:
    """Return a decision by its whole id.

    Raises:
        NotFoundError: There is none.
    """
    row = session.row(DECISION + " WHERE id = ?", id_)
    if row is None:
        raise NotFoundError(f"There is no decision {id_}: `gitbridge decision list` shows all.")
    return decision_of(session, row)
