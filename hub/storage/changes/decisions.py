"""Decisions and the ballots cast in them."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.change import (
    CastBallot,
    CloseDecision,
    OpenDecision,
    RegroupDecision,
    ReopenDecision,
    WidenDecision,
)
from hub.domain.decision import Ballot, Decision, Proposal, Verdict
from hub.domain.ids import DecisionId
from hub.domain.regrouping import regrouped
from hub.domain.thread import Message
from hub.errors import UsageError
from hub.storage.changes.threads import post
from hub.storage.codec import encode
from hub.storage.rows import find_message, load_decision, load_thread
from hub.storage.session import Session


def open_decision(session: Session, change: OpenDecision) -> Decision:
    """Put a question to the vote; the same id again changes nothing."""
    decision, proposal = change.decision, change.decision.proposal
    load_thread(session, decision.thread_id)
    new = session.insert(
        "decision",
        {
            "id": decision.id,
            "thread_id": decision.thread_id,
            "question": proposal.question,
            "rule": proposal.rule,
            "proposal": encode(proposal),
            "dissent": "[]",
            "flips": "[]",
            "stop_reason": "",
            "opened_at": decision.opened_at,
        },
        or_ignore=True,
    )
    if new:
        for ballot in decision.ballots:
            keep_ballot(session, decision.id, ballot)
    return load_decision(session, decision.id)


def cast_ballot(session: Session, change: CastBallot) -> None:
    """Record a ballot that no turn wrote.

    Raises:
        UsageError: The decision is closed, or the voter has voted in this round.
    """
    ballot = change.ballot
    decision = load_decision(session, change.decision_id)
    if decision.closed_at is not None:
        raise UsageError("The decision is closed: its outcome stands, and no ballot is taken now.")
    if not keep_ballot(session, decision.id, ballot):
        raise UsageError(f"{ballot.voter} has voted in round {ballot.round}: a ballot stands.")


def widen_decision(session: Session, change: WidenDecision) -> Decision:
    """Add options that are not on the table yet.

    Raises:
        UsageError: The decision is closed.
    """
    decision = load_decision(session, change.id)
    if decision.closed_at is not None:
        raise UsageError("The decision is closed: its outcome stands, and no option is added now.")
    options = {option.id: option for option in (*decision.proposal.options, *change.options)}
    return _put(session, decision, replace(decision.proposal, options=tuple(options.values())))


def regroup_decision(session: Session, change: RegroupDecision) -> Decision:
    """Change which drafts count as one option; the change is kept behind those before it.

    Raises:
        UsageError: The decision is closed, or somebody else has changed these options meanwhile.
    """
    decision = load_decision(session, change.id)
    if decision.closed_at is not None:
        raise UsageError("The decision is closed: its outcome stands, and so do its options.")
    if not set(change.regrouping.before) <= set(decision.proposal.options):
        raise UsageError("The options have changed meanwhile: look again.")
    return _put(session, decision, regrouped(decision.proposal, change.regrouping))


def _put(session: Session, decision: Decision, proposal: Proposal) -> Decision:
    session.run("UPDATE decision SET proposal = ? WHERE id = ?", encode(proposal), decision.id)
    return load_decision(session, decision.id)


def reopen_decision(session: Session, change: ReopenDecision) -> Decision:
    """Take back an outcome that decided nothing; one that is open stays so.

    Raises:
        UsageError: It is decided.
    """
    load_decision(session, change.id)
    session.run(
        "UPDATE decision SET outcome = NULL, winner = NULL, tally = NULL, dissent = '[]',"
        " flips = '[]', stop_reason = '', closed_at = NULL"
        " WHERE id = ? AND outcome IS NOT ?",
        change.id,
        Verdict.DECIDED,
    )
    decision = load_decision(session, change.id)
    if decision.closed_at is not None:
        raise UsageError("This is decided: its outcome stands. `decision override` goes past it.")
    return decision


def close_decision(session: Session, change: CloseDecision) -> Message | None:
    """Write the outcome and post the sentence on it; the first outcome stands.

    Raises:
        UsageError: It was closed before, or what was counted is not all that stands now.
    """
    decision, tally = change.decision, change.decision.tally
    stored = load_decision(session, decision.id)
    stands = decision.proposal, change.counted
    if None not in (change.counted, tally) and stands != (stored.proposal, len(stored.ballots)):
        raise UsageError("A ballot or an option has come meanwhile: count again.")
    closed = session.run(
        "UPDATE decision SET outcome = ?, winner = ?, tally = ?, dissent = ?, flips = ?,"
        " stop_reason = ?, closed_at = ? WHERE id = ? AND closed_at IS NULL",
        tally and tally.verdict,
        tally and tally.winner,
        encode(tally) if tally else None,
        encode(decision.dissent),
        encode(decision.flips),
        decision.stop_reason,
        session.clock.now() if decision.closed_at is None else decision.closed_at,
        decision.id,
    )
    if closed:
        return post(session, change.message) if change.message else None
    told = find_message(session, change.message.id) if change.message else None
    if told is None:
        raise UsageError("The decision is closed already: its outcome stands.")
    return told


def keep_ballot(session: Session, decision_id: DecisionId, ballot: Ballot) -> bool:
    """Write a ballot unless it comes too late: one a voter and round, none after the close."""
    open_ = session.row("SELECT 1 FROM decision WHERE id = ? AND closed_at IS NULL", decision_id)
    return open_ is not None and session.insert(
        "ballot",
        {
            "decision_id": decision_id,
            "round": ballot.round,
            "voter": ballot.voter,
            "kind": ballot.kind,
            "turn_id": ballot.turn_id,
            "body": encode(ballot),
        },
        or_ignore=True,
    )
