"""Questions under way, with what came of them so far."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.ask import Ask, OpenQuestion, TurnSoFar
from hub.domain.decision import Ballot
from hub.domain.ids import MessageId
from hub.domain.query import OpenQuestions
from hub.storage.codec import decode
from hub.storage.rows import MESSAGE, TURN, load_message, message_of, turn_of
from hub.storage.session import Row, Session


def open_questions(session: Session, query: OpenQuestions) -> tuple[OpenQuestion, ...]:
    """Return the questions that this program answers, those that nobody does any more, or all."""
    rows = session.rows(
        "SELECT id, owner, ask FROM asking WHERE ?1 IS NULL OR thread_id = ?1 ORDER BY rowid",
        query.thread_id,
    )
    wanted = {
        owner: query.everyones
        or (not session.owners.alive(owner) if query.orphaned else owner == session.owners.own)
        for owner in {owner for _, owner, _ in rows}
    }
    return tuple(_open(session, id_, ask) for id_, owner, ask in rows if wanted[owner])


def _open(session: Session, id_: MessageId, ask: str) -> OpenQuestion:
    question = load_message(session, id_)
    turns = session.rows(
        TURN + " WHERE thread_id = ? AND question_id = ? ORDER BY rowid", question.thread_id, id_
    )
    return OpenQuestion(
        question=question,
        ask=replace(decode(Ask, ask), question=question.body),
        turns=tuple(_so_far(session, row) for row in turns),
    )


def _so_far(session: Session, row: Row) -> TurnSoFar:
    turn = turn_of(row)
    posted = session.row(MESSAGE + " WHERE turn_id = ?", turn.id)
    cast = session.row("SELECT body FROM ballot WHERE turn_id = ?", turn.id)
    return TurnSoFar(
        turn,
        message_of(posted) if posted else None,
        decode(Ballot, cast[0]) if cast else None,
    )
