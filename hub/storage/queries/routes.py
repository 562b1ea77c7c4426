"""Routes with what came of them."""

from __future__ import annotations

from hub.domain.mark import Mark
from hub.domain.query import RoutedCalls
from hub.domain.route import Route, RoutedCall
from hub.domain.turn import Purpose
from hub.storage.codec import decode
from hub.storage.queries.marks import THE_LAST_WORD
from hub.storage.queries.refs import resolve
from hub.storage.rows import CALL, call_of
from hub.storage.session import Row, Session

_ROUTES = (
    "SELECT turn.id, turn.thread_id, turn.purpose, route.n, route.body FROM route"
    " JOIN turn ON turn.id = route.turn_id WHERE ?1 IS NULL OR turn.id = ?1"
    " ORDER BY turn.rowid DESC, route.n DESC LIMIT ?2"
)
_MARKS = (
    "SELECT mark.right, mark.weight FROM message JOIN mark ON mark.message_id = message.id"
    " WHERE message.turn_id = ?"
)
_MARK = _MARKS + THE_LAST_WORD
_ALL = -1


def routed_calls(session: Session, query: RoutedCalls) -> tuple[RoutedCall, ...]:
    """Return the newest routes, each with its call and what that was booked at."""
    turn = None if query.ref is None else resolve(session, "turn", query.ref)
    rows = session.rows(_ROUTES, turn, _ALL if query.limit is None else query.limit)
    return tuple(_routed(session, row) for row in reversed(rows))


def _routed(session: Session, row: Row) -> RoutedCall:
    turn, thread, purpose, n, body = row
    found = session.row(CALL + " WHERE turn_id = ? AND n = ?", turn, n)
    call = None if found is None else call_of(found)
    booked = session.row("SELECT cost FROM ledger WHERE call_id = ?", call.id) if call else None
    marked = session.row(_MARK, turn)
    return RoutedCall(
        route=decode(Route, body),
        thread_id=thread,
        purpose=Purpose(purpose),
        n=n,
        call=call,
        cost=booked[0] if booked else None,
        mark=Mark(bool(marked[0]), weight=marked[1]) if marked else None,
    )
