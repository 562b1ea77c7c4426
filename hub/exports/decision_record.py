"""A decision that can be defended: an architecture decision record in markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from hub.domain.decision import Ballot, Decision, Dissent, Option, Weighing
from hub.domain.decision_record import RECORD_FORMAT, RECORD_VERSION, DecisionRecord, Served
from hub.domain.regrouping import as_it_was
from hub.domain.usage import usd
from hub.exports.quote import bullets, fenced, inline, quoted, table
from hub.exports.shapes import Json, decision_json, known_total, money_json
from hub.exports.words import (
    count_of,
    counting,
    moment,
    option_text,
    outcome,
    regrouping,
    shares,
    spent,
    sure,
    tokens,
    voted,
)


def record_json(record: DecisionRecord) -> Json:
    """Return the object of `decision export --format json`."""
    usage = record.usage
    return {
        "format": RECORD_FORMAT,
        "version": RECORD_VERSION,
        "decision": decision_json(record.decision),
        "record": {
            "served": [_served_json(served) for served in record.served],
            "files": [{"name": f.name, "sha256": f.hash, "size": f.size} for f in record.files],
            "cost_usd": money_json(known_total(usage)) if usage else None,
            "calls": usage.calls if usage else 0,
            "prompt_tokens": usage.prompt_tokens if usage else 0,
            "completion_tokens": usage.completion_tokens if usage else 0,
            "marked": None
            if record.mark is None
            else {"right": record.mark.right, "answer": record.mark.answer},
            "superseded_by": record.superseded_by,
        },
    }


def to_json(record: DecisionRecord) -> str:
    """Return that object as text: ASCII alone, indented, ending in a newline."""
    return json.dumps(record_json(record), ensure_ascii=True, allow_nan=False, indent=2) + "\n"


def _served_json(served: Served) -> Json:
    return {
        "voter": served.voter,
        "round": served.round,
        "provider": served.provider,
        "model": served.model,
        "served_model": served.served_model,
        "persona": served.persona,
        "persona_version": served.persona_version,
        "attachments": list(served.attachments),
        "cost_usd": money_json(served.cost),
    }


def to_markdown(record: DecisionRecord) -> str:
    """Return an architecture decision record that no ballot can break."""
    return "\n\n".join(_parts(record)) + "\n"


def _parts(record: DecisionRecord) -> Iterator[str]:
    decision = record.decision
    yield f"# {inline(decision.proposal.question, 120)}"
    yield bullets(_head(record))
    yield "## Context"
    yield quoted(decision.proposal.question)
    if record.files:
        yield bullets(f"File {inline(f.name)}, SHA-256 {inline(f.hash)}" for f in record.files)
    yield "## Options"
    yield table(
        ("Option", "Votes", "Share", "Result"),
        (
            (text, count_of(votes), f"{share:.0%}", "won" if won else "")
            for text, votes, share, won in shares(decision)
        ),
    )
    yield from _merges(decision)
    yield "## Decision"
    yield from _decided(decision)
    yield "## Ballots"
    yield _ballots(record)
    if decision.flips:
        yield "### Changed minds"
        yield bullets(_flips(decision))
    yield "## Dissent"
    if not decision.dissent:
        yield "Nobody who voted disagreed."
    for dissent in decision.dissent:
        yield from _dissent(decision, dissent)
    yield "## Consequences"
    yield bullets(_consequences(record))
    yield "## Record"
    yield from _record(record)


def _head(record: DecisionRecord) -> Iterator[str]:
    decision, proposal = record.decision, record.decision.proposal
    status = outcome(decision)
    if record.superseded_by:
        status += f"; superseded by {record.superseded_by}"
    yield f"Status: {inline(status)}"
    yield f"Date: {moment(decision.closed_at or decision.opened_at)}"
    yield f"Decision: {inline(decision.id)}"
    if proposal.supersedes:
        yield f"Supersedes: {inline(proposal.supersedes)}"
    if proposal.review_at is not None:
        yield f"Look again: {moment(proposal.review_at)}"
    if proposal.category:
        yield f"Category: {inline(proposal.category)}"


def _merges(decision: Decision) -> Iterator[str]:
    """Say which drafts count as one option: as the hub merged them, and what people changed."""
    changes = decision.proposal.regroupings
    of_hub, now = as_it_was(decision.proposal).options, decision.proposal.options
    if any(option.drafts for option in (*of_hub, *now)):
        yield "### Merged drafts"
        yield bullets(_merged(of_hub, "merged") or ("The hub merged none.",))
    if changes:
        yield bullets(inline(f"{regrouping(c)} ({moment(c.at)})", 1_000) for c in changes)
        yield bullets(_merged(now, "now one option") or ("every option stands for one draft",))


def _merged(options: Iterable[Option], how: str) -> list[str]:
    """Name the drafts behind each option that stands for several, in their own words."""
    return [
        f"{how}: {inline(option.text, 80)}, of "
        + "; ".join(
            f"{inline(d.author or 'nobody')} ({inline(d.text, 200)})" for d in option.drafts
        )
        for option in options
        if option.drafts
    ]


def _moved(ballot: Ballot) -> str:
    """Say of a vote that it went with its draft, or with the option that its words are in now."""
    return ", moved" if ballot.as_cast else ""


def _decided(decision: Decision) -> Iterator[str]:
    winner = decision.option(decision.tally.winner) if decision.tally else None
    yield f"**{inline(outcome(decision))}**"
    if winner is not None and decision.proposal.open:
        yield quoted(winner.text)
    if decision.tally is not None:
        yield inline(decision.tally.reason, 2_000)
    for ballot in decision.ballots:
        if ballot.override:
            yield f"{inline(ballot.voter)} decided whatever the count, because:"
            yield quoted(ballot.reason)
    yield bullets(inline(fact) for fact in counting(decision))


def _ballots(record: DecisionRecord) -> str:
    served = {(s.voter, s.round): s for s in record.served}
    rows = []
    for ballot in record.decision.ballots:
        behind = served.get((ballot.voter, ballot.round))
        model = ballot.kind.value if behind is None else _model(behind)
        said = voted(record.decision, ballot) + _moved(ballot)
        rows.append(
            (ballot.voter, model, str(ballot.round), said, sure(ballot), ballot.reason or "")
        )
    return table(("Voter", "Served by", "Round", "Vote", "Confidence", "Reason"), rows)


def _model(served: Served) -> str:
    """Return what served a ballot; what answered is named where it is another than was asked."""
    asked = f"{served.provider}/{served.model}"
    answered = served.served_model
    return asked if answered in (None, served.model) else f"{asked} (answered by {answered})"


def _flips(decision: Decision) -> Iterator[str]:
    for flip in decision.flips:
        before = option_text(decision, flip.before) or "no vote"
        after = option_text(decision, flip.after) or "no vote"
        yield f"{inline(flip.voter)}: from {inline(before)} to {inline(after)}. {inline(flip.reason)}"


def _dissent(decision: Decision, dissent: Dissent) -> Iterator[str]:
    holders = ", ".join(inline(name) for name in dissent.holders)
    yield f"**{inline(option_text(decision, dissent.option))}** ({dissent.share:.0%}; {holders})"
    if dissent.argument:
        yield f"{inline(dissent.argued_by)} says:"
        yield quoted(dissent.argument)


def _consequences(record: DecisionRecord) -> Iterator[str]:
    """Say when to look again, and what the voters said would change their minds."""
    decision = record.decision
    if decision.proposal.review_at is not None:
        yield f"To be looked at again on {moment(decision.proposal.review_at)}."
    if record.mark is not None:
        said = "right" if record.mark.right else "wrong"
        answer = option_text(decision, record.mark.answer)
        yield f"Marked {said} afterwards." + (f" Right was: {inline(answer)}." if answer else "")
    for ballot in decision.ballots:
        if ballot.would_change_my_mind:
            yield (
                f"{inline(ballot.voter)} would change their mind: "
                f"{inline(ballot.would_change_my_mind)}"
            )
    yield (
        f"Cost: {inline(spent(record.usage))}, {tokens(record.usage)}"
        if record.usage
        else ("Cost: nothing was asked here")
    )


def _record(record: DecisionRecord) -> Iterator[str]:
    decision = record.decision
    weighing = decision.tally.weighing if decision.tally else Weighing()
    calibration, marks = inline(weighing.calibration), weighing.marks
    yield bullets(
        (
            f"Thread {inline(decision.thread_id)}",
            f"Seed {inline(decision.proposal.seed or decision.id)}",
            f"Calibration {calibration or 'none'}, {marks} marks",
            "`gitbridge decision verify` counts the JSON export of this again, offline.",
        )
    )
    personas = {(s.persona, s.persona_version): s for s in record.served if s.persona}
    for served in personas.values():
        version = f" (version {inline(served.persona_version)})" if served.persona_version else ""
        files = "".join(f" File {inline(hash_)}." for hash_ in served.attachments)
        cost = f", {usd(served.cost)}" if served.cost is not None else ""
        yield f"{inline(served.voter)}{version}{cost} was told:{files}"
        yield fenced(served.persona)
