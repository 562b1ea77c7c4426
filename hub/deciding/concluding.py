"""How a decision is written down as over, and the hub's sentence on it."""

from __future__ import annotations

from dataclasses import replace

from hub.consensus.dissent import dissent, flips
from hub.consensus.early_stop import BUDGET
from hub.domain.agent import HUB
from hub.domain.decision import Decision, Tally
from hub.domain.ids import MessageId
from hub.domain.text import one_line
from hub.domain.thread import Message, MessageKind
from hub.threads import post


def concluded(decision: Decision, count: Tally, stop_reason: str, at: int) -> Decision:
    """Return a decision with its count, dissent and changes of mind, closed at a moment."""
    return replace(
        decision,
        tally=count,
        dissent=dissent(decision.proposal, decision.ballots, count),
        flips=flips(decision.ballots),
        stop_reason=stop_reason,
        closed_at=at,
    )


def outcome_post(decision: Decision, question: MessageId | None) -> Message:
    """Return the hub's post on a closed decision."""
    return post(
        decision.thread_id,
        outcome_sentence(decision),
        author=HUB,
        kind=MessageKind.OUTCOME,
        at=decision.closed_at or 0,
        reply_to=question,
    )


def outcome_sentence(decision: Decision) -> str:
    """Return what the hub posts on a closed decision."""
    if decision.tally is None:
        return "The decision was closed without a count."
    winner = decision.option(decision.tally.winner)
    head = decision.tally.verdict.value.capitalize()
    if winner is not None:
        head += f": {one_line(winner.text, 300)}"
    short = (
        " What was left of the budget paid for no more." if decision.stop_reason == BUDGET else ""
    )
    return f"{head}. {decision.tally.reason}{short}"
