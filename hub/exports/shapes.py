"""The JSON objects that scripts rely on, one function for each domain value (CONFIG: shapes).

Money becomes US dollars with at most six decimals, None where unknown; times become ISO 8601 in
UTC with microseconds; options are named by their text, which is what a person or script compares.
Texts are passed on verbatim: whoever writes JSON escapes everything but ASCII.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.domain.ask import Answer
from hub.domain.decision import Ballot, Decision, Dissent, Option, Proposal, Tally, Weighing
from hub.domain.ids import TurnId
from hub.domain.regrouping import ever_on_table
from hub.domain.route import Candidate, Route
from hub.domain.thread import Message, Thread, ThreadSummary
from hub.domain.transcript import TurnSummary
from hub.domain.usage import MICRO, UsageRow

Json = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_json(micros: int) -> str:
    """Return UTC microseconds as `2026-11-22T10:00:00.000000Z`."""
    moment = _EPOCH + timedelta(microseconds=micros)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def money_json(micro_dollars: int | None) -> float | None:
    """Return US dollars, or None where the cost is unknown."""
    return None if micro_dollars is None else micro_dollars / MICRO


def known_total(usage: UsageRow) -> int | None:
    """Return the micro-dollars of a group, or None when a call of unknown cost is among them."""
    return None if usage.unknown_cost_calls else usage.cost


def thread_json(thread: Thread, *, messages: int, cost: int | None) -> Json:
    """Return a thread; `messages` and `cost` (micro-dollars) are what it holds and cost."""
    return {
        "id": thread.id,
        "title": thread.title,
        "created_at": time_json(thread.created_at),
        "messages": messages,
        "cost_usd": money_json(cost),
        "archived": thread.archived_at is not None,
    }


def summary_json(summary: ThreadSummary) -> Json:
    """Return a row of `thread list`; its cost is None when a call of unknown cost is among it."""
    return thread_json(
        summary.thread,
        messages=summary.messages,
        cost=None if summary.unknown_cost_calls else summary.cost,
    )


def message_json(message: Message, turn: TurnSummary | None) -> Json:
    """Return a message with the turn that wrote it, or `turn: null` for the person and the hub."""
    return {
        "id": message.id,
        "seq": message.seq,
        "author": message.author,
        "kind": message.kind.value,
        "body": message.body,
        "reply_to": message.reply_to,
        "to": list(message.to),
        "mentions": list(message.mentions),
        "created_at": time_json(message.created_at),
        "turn": turn_json(turn) if turn else None,
    }


def messages_json(messages: Iterable[Message], turns: Iterable[TurnSummary]) -> list[Json]:
    """Return messages in order, each with the turn that wrote it."""
    made: dict[TurnId, TurnSummary] = {turn.id: turn for turn in turns}
    return [message_json(m, made.get(m.turn_id) if m.turn_id else None) for m in messages]


def turn_json(turn: TurnSummary) -> Json:
    """Return who answered with what, at which cost, and why that model."""
    return {
        "agent": turn.agent,
        "provider": turn.provider,
        "model": turn.model,
        "cost_usd": money_json(turn.cost),
        "latency_s": turn.latency_s,
        "route": route_json(turn.route) if turn.route else None,
    }


def route_json(route: Route) -> Json:
    """Return a route with all its candidates, the chosen one first."""
    return {
        "turn": route.turn_id,
        "agent": route.agent,
        "strategy": route.strategy,
        "provider": route.deployment.provider,
        "model": route.deployment.model,
        "reason": route.reason,
        "propensity": route.propensity,
        "candidates": [_candidate(candidate) for candidate in route.candidates],
        "chain": [deployment.id for deployment in route.chain],
    }


def _candidate(candidate: Candidate) -> Json:
    return {
        "deployment": candidate.deployment,
        "removed": candidate.removed,
        "cost_usd": money_json(candidate.cost),
        "ceiling_usd": money_json(candidate.ceiling),
        "latency_s": candidate.latency_s,
        "availability": candidate.availability,
        "score": candidate.score,
    }


def decision_json(decision: Decision) -> Json:
    """Return a decision; `outcome` and `winner` are null while it is open."""
    proposal, tally = decision.proposal, decision.tally
    return {
        "id": decision.id,
        "thread": decision.thread_id,
        "question": proposal.question,
        "outcome": tally.verdict.value if tally else None,
        "winner": _text(proposal, tally.winner) if tally else None,
        "reason": tally.reason if tally else "",
        "options": [option.text for option in proposal.options],
        "authors": {o.text: list(o.authors) for o in proposal.options if o.authors},
        "keys": {o.text: o.key for o in proposal.options if o.key},
        "merged": {o.text: _drafts(o) for o in proposal.options if o.drafts},
        "rule": tally.rule.value if tally else proposal.rule.value,
        "proposal": proposal_json(proposal),
        "tally": tally_json(tally, proposal) if tally else None,
        "ballots": [ballot_json(ballot, proposal) for ballot in decision.ballots],
        "dissent": [_dissent(dissent, proposal) for dissent in decision.dissent],
        "flips": [
            {
                "voter": flip.voter,
                "before": _text(proposal, flip.before),
                "after": _text(proposal, flip.after),
                "reason": flip.reason,
            }
            for flip in decision.flips
        ],
        "stop_reason": decision.stop_reason,
        "opened_at": time_json(decision.opened_at),
        "closed_at": _moment(decision.closed_at),
    }


def proposal_json(proposal: Proposal) -> Json:
    """Return the rules of a vote; question and options stand beside them."""
    return {
        "eligible": list(proposal.eligible),
        "rule": proposal.rule.value,
        "threshold": proposal.threshold,
        "quorum": proposal.quorum,
        "rounds": proposal.rounds,
        "seed": proposal.seed,
        "open": proposal.open,
        "seats": [
            {
                "agent": seat.agent,
                "deployment": seat.deployment,
                "family": seat.family,
                "cost_usd": money_json(seat.cost),
            }
            for seat in proposal.seats
        ],
        "category": proposal.category,
        "kind": proposal.kind.value,
        "tie_chain": [step.value for step in proposal.tie_chain],
        "chair": proposal.chair,
        "discount": proposal.discount,
        "sure": proposal.sure,
        "budget_usd": money_json(proposal.budget),
        "deadline": _moment(proposal.deadline),
        "stop_early": proposal.stop_early,
        "supersedes": proposal.supersedes,
        "review_at": _moment(proposal.review_at),
        "regroupings": [
            {
                "by": change.by,
                "reason": change.reason,
                "at": time_json(change.at),
                "before": [_option(option) for option in change.before],
                "after": [_option(option) for option in change.after],
            }
            for change in proposal.regroupings
        ],
    }


def _option(option: Option) -> Json:
    """Return an option by itself, as a regrouping names it."""
    return {
        "text": option.text,
        "authors": list(option.authors),
        "key": option.key,
        "merged": _drafts(option),
    }


def _drafts(option: Option) -> list[Json]:
    return [{"author": d.author, "text": d.text, "key": d.key} for d in option.drafts]


def _moment(micros: int | None) -> str | None:
    return None if micros is None else time_json(micros)


def tally_json(tally: Tally, proposal: Proposal) -> Json:
    """Return the count of a round, best option first."""
    return {
        "scores": [
            {
                "option": _text(proposal, s.option),
                "votes": s.votes,
                "share": s.share,
                "posterior": s.posterior,
            }
            for s in tally.scores
        ],
        "eligible": tally.eligible,
        "cast": tally.cast,
        "abstained": tally.abstained,
        "absent": list(tally.absent),
        "quorum": tally.quorum,
        "families": list(tally.families),
        "margin": tally.margin,
        "tie_steps": list(tally.tie_steps),
        "notes": list(tally.notes),
        "leaders": [_text(proposal, option) for option in tally.leaders],
        "posterior": tally.posterior,
        "chance": tally.chance,
        "effective": tally.effective,
        "margins": [
            {"over": _text(proposal, m.over), "under": _text(proposal, m.under), "votes": m.votes}
            for m in tally.margins
        ],
        "weighing": _weighing(tally.weighing),
        "override": tally.override,
    }


def _weighing(weighing: Weighing) -> Json:
    """Return what the count took from past marks: with it anybody can count again."""
    return {
        "marks": weighing.marks,
        "calibration": weighing.calibration,
        "rule": weighing.rule.value if weighing.rule else None,
        "weights": dict(weighing.weights),
        "odds": dict(weighing.odds),
        "order": list(weighing.order),
        "sureness": dict(weighing.sureness),
        "kinship": dict(weighing.kinship),
        "chances": list(weighing.chances),
        "notes": list(weighing.notes),
    }


def ballot_json(ballot: Ballot, proposal: Proposal) -> Json:
    """Return a ballot; `choice` is the option's text, null when abstaining or blocking."""
    return {
        "voter": ballot.voter,
        "round": ballot.round,
        "choice": _text(proposal, ballot.choice),
        "abstain": ballot.abstain,
        "block": ballot.block,
        "confidence": ballot.confidence,
        "reason": ballot.reason,
        "would_change_my_mind": ballot.would_change_my_mind,
        "kind": ballot.kind.value,
        "family": ballot.family,
        "repaired": ballot.repaired,
        "turn": ballot.turn_id,
        "ranking": [_text(proposal, option) for option in ballot.ranking],
        "approvals": [_text(proposal, option) for option in ballot.approvals],
        "deployment": ballot.deployment,
        "override": ballot.override,
        "casting": ballot.casting,
        "seen": list(ballot.seen),
        "answer": ballot.answer,
        "as_cast": [_text(proposal, option) for option in ballot.as_cast],
    }


def _dissent(dissent: Dissent, proposal: Proposal) -> Json:
    return {
        "option": _text(proposal, dissent.option),
        "holders": list(dissent.holders),
        "share": dissent.share,
        "argument": dissent.argument,
        "argued_by": dissent.argued_by,
        "would_change_my_mind": dissent.would_change_my_mind,
        "flips_to": dissent.flips_to,
        "flips_from": dissent.flips_from,
        "weight": dissent.weight,
        "sureness": dissent.sureness,
    }


def _text(proposal: Proposal, option_id: str | None) -> str | None:
    """Return the text of an option, one that was regrouped too; an unknown id stands for itself."""
    return next((o.text for o in ever_on_table(proposal) if o.id == option_id), option_id)


def usage_json(usage: UsageRow) -> Json:
    """Return a row of `usage`: the costs that are known, null where none of them is."""
    nothing_known = 0 < usage.calls <= usage.unknown_cost_calls
    return {
        "key": usage.key,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cached_tokens": usage.cached_tokens,
        "prompt_cost_usd": None if nothing_known else money_json(usage.prompt_cost),
        "completion_cost_usd": None if nothing_known else money_json(usage.completion_cost),
        "cost_usd": None if nothing_known else money_json(usage.cost),
        "unknown_cost_calls": usage.unknown_cost_calls,
        "calls": usage.calls,
    }


def answer_json(answer: Answer) -> Json:
    """Return the one object of `ask --json`: the question is the first message.

    Its cost is null as soon as one call of unknown cost is among it: unknown is not zero.
    """
    usage = answer.usage
    return {
        "thread": answer.thread.id,
        "messages": messages_json((answer.question, *answer.messages), answer.turns),
        "decision": decision_json(answer.decision) if answer.decision else None,
        "routes": [route_json(turn.route) for turn in answer.turns if turn.route],
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cost_usd": money_json(known_total(usage)),
        },
        "elapsed_s": round(answer.elapsed_s, 3),
    }
