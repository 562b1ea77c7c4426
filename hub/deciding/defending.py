"""Gathers what speaks for a decision: who served each ballot, as told what, from which files."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.decision import Ballot, Decision
from hub.domain.decision_record import DecisionRecord, Served
from hub.domain.ids import TurnId
from hub.domain.query import (
    DecisionByRef,
    DecisionList,
    Marks,
    MessageByRef,
    TurnRecordByRef,
    TurnSummaries,
    UsageBy,
)
from hub.domain.transcript import TurnSummary
from hub.domain.turn import TurnRecord
from hub.errors import NotFoundError
from hub.serving.calls import Parts


async def record_of(parts: Parts, decision: Decision) -> DecisionRecord:
    """Return a decision with everything that speaks for it, as far as the journal knows it."""
    store = parts.store
    turns = await store.read(TurnSummaries(decision.thread_id))
    cast = await _cast(parts, decision)
    behind = [(ballot, await _turn(parts, cast[n])) for n, ballot in enumerate(decision.ballots)]
    made = [(ballot, turn) for ballot, turn in behind if turn is not None]
    question = next((turn.turn.order.question_id for _, turn in made), "")
    marks = [m for m in await store.read(Marks(decisions=True)) if m.about == decision.id]
    later = [d for d in await store.read(DecisionList()) if d.proposal.supersedes == decision.id]
    spent = await store.read(UsageBy("total", question_id=question)) if question else ()
    return DecisionRecord(
        decision=decision,
        served=tuple(_served(ballot, turn, turns) for ballot, turn in made),
        files=(await store.read(MessageByRef(question))).attachments if question else (),
        usage=spent[0] if spent else None,
        mark=marks[-1].mark if marks else None,
        superseded_by=later[0].id if later else None,
    )


async def _cast(parts: Parts, decision: Decision) -> list[TurnId | None]:
    """Return the turn behind each ballot; one that was taken over was cast in a decision before."""
    before, seen = decision, {decision.id}
    known = {(b.voter, b.round): b.turn_id for b in decision.ballots}
    while None in known.values() and before.proposal.supersedes:
        try:
            before = await parts.store.read(DecisionByRef(before.proposal.supersedes))
        except NotFoundError:
            break
        if before.id in seen:  # a file may tell anything
            break
        seen.add(before.id)
        earlier = {(b.voter, b.round): b.turn_id for b in before.ballots}
        known = {place: turn or earlier.get(place) for place, turn in known.items()}
    return [known[b.voter, b.round] for b in decision.ballots]


async def _turn(parts: Parts, id_: TurnId | None) -> TurnRecord | None:
    """Return the turn that cast a ballot; one that came with a file has none here."""
    try:
        return None if id_ is None else await parts.store.read(TurnRecordByRef(id_))
    except NotFoundError:
        return None


def _served(ballot: Ballot, record: TurnRecord, turns: Mapping[TurnId, TurnSummary]) -> Served:
    last, sent = record.calls[-1] if record.calls else None, record.sent
    summary = turns.get(record.turn.id)
    return Served(
        voter=ballot.voter,
        round=ballot.round,
        provider=last.provider if last else "",
        model=last.model if last else "",
        served_model=last.served_model if last else None,
        persona=sent.parts[0].text if sent and sent.parts else "",
        persona_version=sent.persona_version if sent else "",
        attachments=sent.attachments if sent else (),
        cost=summary.cost if summary else None,
    )
