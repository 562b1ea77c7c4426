"""A stored thread as lines to read; files are made by `gitbridge export`."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.agent import YOU
from hub.domain.text import one_line
from hub.domain.thread import Message
from hub.domain.transcript import Transcript, TurnSummary
from ui.decision_lines import ballot_line, decision_lines
from ui.format import date_time, duration, money
from ui.plain import indented


def transcript_lines(transcript: Transcript) -> list[str]:
    """Return title, messages in order, then what was decided."""
    thread = transcript.thread
    lines = [f"{thread.title} ({thread.id}, {date_time(thread.created_at)})"]
    authors = {message.id: message.author for message in transcript.messages}
    for message in transcript.messages:
        turn = transcript.turns.get(message.turn_id) if message.turn_id else None
        answered = authors.get(message.reply_to, "") if message.reply_to else ""
        lines += ("", _heading(message, answered))
        lines += _turn_lines(turn) if turn is not None else ()
        lines.append(indented(message.body))
        lines += (
            f"  [attached: {one_line(a.name)}, {a.size:,} bytes]" for a in message.attachments
        )
    for decision in transcript.decisions:
        lines += ("", f"Decision {decision.id}: {one_line(decision.proposal.question)}")
        lines += (f"Ballot of {ballot_line(b, decision)}" for b in decision.ballots)
        lines += decision_lines(decision)
    return lines


def _heading(message: Message, answered: str) -> str:
    to = f" to {answered}" if answered not in ("", YOU) else ""
    pinned = ", pinned" if message.pinned else ""
    when = date_time(message.created_at)
    return f"#{message.seq} {message.author}, {message.kind.value}{to}{pinned}, {when}:"


def _turn_lines(turn: TurnSummary) -> Iterator[str]:
    facts = [f"turn {turn.id}: {turn.provider}/{turn.model}"]
    if turn.prompt_tokens or turn.completion_tokens:
        facts.append(f"{turn.prompt_tokens} + {turn.completion_tokens} tokens")
    yield ", ".join((*facts, money(turn.cost), duration(turn.latency_s)))
    if turn.route is not None:
        yield f"route: {one_line(turn.route.reason, 400)}"
