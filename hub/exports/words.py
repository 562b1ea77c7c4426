"""Facts of a transcript as short phrases, the same in every readable export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from hub.domain.decision import Ballot, Decision, Option, Regrouping
from hub.domain.seating import unheard
from hub.domain.text import one_line
from hub.domain.transcript import Transcript, TurnSummary
from hub.domain.turn import TurnState
from hub.domain.usage import UsageRow, usd

_STOPPED = {"budget": "budget, which paid for no more"}
"""Reasons for an early end that do not speak for themselves."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> str:
    """Return UTC microseconds as `2026-11-22 10:00:07 UTC`."""
    return f"{_EPOCH + timedelta(microseconds=micros):%Y-%m-%d %H:%M:%S} UTC"


def spent(usage: UsageRow) -> str:
    """Return the cost of a group; calls whose cost nobody knows are named, not counted as zero."""
    unknown = usage.unknown_cost_calls
    if not unknown:
        return usd(usage.cost)
    known = f"{usd(usage.cost)} + " if usage.unknown_cost_calls < usage.calls else ""
    return f"{known}unknown ({counted(unknown, 'call')} without a known price)"


def counted(n: int, noun: str) -> str:
    """Return `1 message`, `2 messages`, `1,000 messages`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def tokens(usage: UsageRow) -> str:
    """Return prompt and completion tokens apart; a file that was imported tells none."""
    if usage.calls and not usage.prompt_tokens + usage.completion_tokens:
        return "unknown tokens"
    return f"{usage.prompt_tokens:,} prompt + {usage.completion_tokens:,} completion tokens"


def served_by(turn: TurnSummary) -> tuple[str, ...]:
    """Return what is known of a turn: deployment, cost, time, tokens, and its end if it failed."""
    deployment = f"{turn.provider or '?'}/{turn.model or '?'}"
    facts = [one_line(deployment)] if turn.provider or turn.model else []
    facts.append(f"cost {usd(turn.cost)}")
    if turn.latency_s is not None:
        facts.append(f"{turn.latency_s:.1f} s")
    if turn.prompt_tokens or turn.completion_tokens:
        facts.append(f"{turn.prompt_tokens:,} + {turn.completion_tokens:,} tokens")
    if turn.state is not TurnState.DONE:
        facts.append(turn.state.value)
    return tuple(facts)


def why_routed(turn: TurnSummary) -> str:
    """Return the strategy and the reason of a turn's route, or nothing where it had none."""
    route = turn.route
    return f"{one_line(route.strategy)}: {one_line(route.reason, 400)}" if route else ""


def option_text(decision: Decision, option_id: str | None) -> str:
    """Return an option as one line; an unknown id stands for itself."""
    option = decision.option(option_id)
    return one_line(option.text if option else option_id or "", 400)


def voted(decision: Decision, ballot: Ballot) -> str:
    """Return what a ballot says: options, or that it abstains or blocks."""
    return said(ballot, partial(option_text, decision))


def said(ballot: Ballot, shown: Callable[[str], str]) -> str:
    """Return what a ballot says; `shown` gives an option, by its id, as it is written there."""
    if ballot.block:
        return "blocks"
    if ballot.ranking:
        return " > ".join(map(shown, ballot.ranking))
    if ballot.approvals:
        return "approves " + ", ".join(map(shown, ballot.approvals))
    return "abstains" if ballot.choice is None else shown(ballot.choice)


def count_of(votes: float) -> str:
    """Return a number of votes without needless decimals."""
    return f"{votes:g}"


def outcome(decision: Decision) -> str:
    """Return the verdict with the winner, or that the vote is open."""
    if decision.tally is None:
        return "Open"
    verdict = decision.tally.verdict.value.capitalize()
    winner = option_text(decision, decision.tally.winner)
    return f"{verdict}: {winner}" if winner else verdict


def shares(decision: Decision) -> list[tuple[str, float, float, bool]]:
    """Return each option with votes, share 0..1 and whether it won; best first, unvoted ones last."""
    tally = decision.tally
    scores = {score.option: score for score in tally.scores} if tally else {}
    winner = tally.winner if tally else None
    rows = [
        (option_text(decision, s.option), s.votes, s.share, s.option == winner)
        for s in scores.values()
    ]
    rest = [option for option in decision.proposal.options if option.id not in scores]
    return rows + [(one_line(option.text, 400), 0.0, 0.0, False) for option in rest]


def not_heard(decision: Decision) -> list[str]:
    """Name the model families that were seated and cast no ballot, as after an outage."""
    gone = unheard(decision.proposal, decision.ballots)
    return [f"no ballot came from {one_line(family)}, which was seated" for family in gone]


def merged(option: Option) -> str:
    """Return whose drafts were merged into an option; empty where it stands for one."""
    names = (one_line(draft.author) or "nobody" for draft in option.drafts)
    return ", ".join(dict.fromkeys(names)) if option.drafts else ""


def regrouping(change: Regrouping) -> str:
    """Return what a person changed in the options, and why."""
    before, after = (
        " and ".join(f"“{one_line(option.text, 60)}”" for option in options)
        for options in (change.before, change.after)
    )
    did = f"joined {before}" if len(change.after) < len(change.before) else f"split {before}"
    return f"{one_line(change.by)} {did} into {after}: {one_line(change.reason, 400)}"


def counting(decision: Decision) -> tuple[str, ...]:
    """Return how the votes were counted: rule, turnout, quorum, families, what broke ties."""
    tally = decision.tally
    if tally is None:
        return (f"rule {decision.proposal.rule.value}",)
    facts = [
        f"rule {tally.rule.value}",
        f"{tally.cast} of {tally.eligible} voted, quorum {tally.quorum}",
    ]
    if tally.abstained:
        facts.append(f"{tally.abstained} abstained")
    if tally.absent:
        facts.append("absent: " + ", ".join(one_line(name) for name in tally.absent))
    if tally.families:
        facts.append("model families: " + ", ".join(one_line(name) for name in tally.families))
    facts += [f"tie: {one_line(step)}" for step in tally.tie_steps]
    facts += [one_line(note) for note in tally.notes]
    facts += not_heard(decision)
    facts += [regrouping(change) for change in decision.proposal.regroupings]
    if decision.stop_reason:
        stopped = one_line(decision.stop_reason)
        facts.append(f"stopped: {_STOPPED.get(stopped, stopped)}")
    return tuple(facts)


def voter_of(transcript: Transcript, ballot: Ballot) -> str:
    """Return who voted and, for an agent, with which model."""
    turn = transcript.turns.get(ballot.turn_id) if ballot.turn_id else None
    name = one_line(ballot.voter)
    return f"{name} ({one_line(turn.model)})" if turn and turn.model else name


def sure(ballot: Ballot) -> str:
    """Return the stated confidence as a percentage, or nothing."""
    return "" if ballot.confidence is None else f"{ballot.confidence:.0%}"
