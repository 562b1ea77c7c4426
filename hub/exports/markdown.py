"""A transcript as markdown that reads well raw and rendered, and that no message can break."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.decision import Decision, Dissent
from hub.domain.ids import MessageId
from hub.domain.thread import Message
from hub.domain.transcript import Transcript
from hub.exports.quote import bullets, inline, quoted, table
from hub.exports.words import (
    count_of,
    counted,
    counting,
    moment,
    option_text,
    outcome,
    served_by,
    shares,
    spent,
    sure,
    tokens,
    voted,
    voter_of,
    why_routed,
)


def to_markdown(t: Transcript) -> str:
    """Return the thread: heading, totals, decisions, then every message with who, why and cost."""
    parts = [f"# {inline(t.thread.title) or 'Untitled'}", _totals(t)]
    if t.decisions:
        parts.append("## Decisions")
        parts += [part for decision in t.decisions for part in _decision(t, decision)]
    parts.append("## Messages")
    numbers = {message.id: message for message in t.messages}
    parts += [part for message in t.messages for part in _message(t, message, numbers)]
    return "\n\n".join(parts) + "\n"


def _totals(t: Transcript) -> str:
    facts = [
        f"Thread {inline(t.thread.id)}, started {moment(t.thread.created_at)}",
        f"{counted(len(t.messages), 'message')}, {counted(len(t.turns), 'turn')}",
    ]
    if t.usage:
        facts += [f"Cost {inline(spent(t.usage))}", tokens(t.usage)]
    return bullets(facts)


def _message(t: Transcript, message: Message, numbers: dict[MessageId, Message]) -> Iterator[str]:
    heading = f"### {message.seq}. {inline(message.author)} · {message.kind.value}"
    answered = numbers.get(message.reply_to) if message.reply_to else None
    if answered:
        heading += f" · answers {answered.seq} ({inline(answered.author)})"
    yield heading

    facts = [moment(message.created_at)]
    turn = t.turns.get(message.turn_id) if message.turn_id else None
    facts += served_by(turn) if turn else ()
    if message.to:
        facts.append("to " + ", ".join(message.to))
    if message.pinned:
        facts.append("pinned")
    yield inline(" · ".join(facts), 1_000)
    if turn and turn.route:
        yield f"Route: {inline(why_routed(turn))}"
    if turn and turn.error:
        yield f"Error: {inline(turn.error)}"
    if message.attachments:
        yield bullets(
            f"Attached: {inline(a.name)} ({a.size:,} bytes, SHA-256 {inline(a.hash)})"
            for a in message.attachments
        )
    yield quoted(message.body)


def _decision(t: Transcript, decision: Decision) -> Iterator[str]:
    yield f"### {inline(outcome(decision))}"
    yield quoted(decision.proposal.question)
    if decision.tally and decision.tally.reason:
        yield inline(decision.tally.reason)
    yield table(
        ("Option", "Votes", "Share", "Result"),
        (
            (text, count_of(votes), f"{share:.0%}", "won" if won else "")
            for text, votes, share, won in shares(decision)
        ),
    )
    yield bullets(inline(fact) for fact in counting(decision))
    if decision.ballots:
        yield "#### Ballots"
        yield table(
            ("Voter", "Round", "Vote", "Confidence", "Reason"),
            (
                (voter_of(t, b), str(b.round), voted(decision, b), sure(b), b.reason)
                for b in decision.ballots
            ),
        )
    if decision.flips:
        yield "#### Changed minds"
        yield bullets(
            f"{inline(f.voter)}: from {inline(option_text(decision, f.before) or 'no vote')} "
            f"to {inline(option_text(decision, f.after) or 'no vote')}. {inline(f.reason)}"
            for f in decision.flips
        )
    if decision.dissent:
        yield "#### Dissent"
        for dissent in decision.dissent:
            yield from _dissent(decision, dissent)


def _dissent(decision: Decision, dissent: Dissent) -> Iterator[str]:
    holders = ", ".join(inline(name) for name in dissent.holders)
    yield (
        f"**{inline(option_text(decision, dissent.option))}** "
        f"({dissent.share:.0%}; held by {holders}). {inline(dissent.argued_by)} says:"
    )
    yield quoted(dissent.argument)
    if dissent.would_change_my_mind:
        yield "What would change this mind:"
        yield quoted(dissent.would_change_my_mind)
