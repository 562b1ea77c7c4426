"""A decision as plain lines: outcome, tally, turnout and dissent, in this order."""

from __future__ import annotations

from functools import partial

from hub.domain.decision import Ballot, Decision, Dissent, Rule, Score, Tally, Verdict
from hub.domain.text import one_line, visible
from hub.exports.words import not_heard, regrouping, said
from ui.format import percent

OPTION_WIDTH = 60
"""Characters of an option's text where several stand below one another."""


def option_text(decision: Decision | None, option_id: str | None, width: int = OPTION_WIDTH) -> str:
    """Return an option's text on one line, or its id where the decision does not know it."""
    option = decision.option(option_id) if decision is not None else None
    return one_line(option.text if option is not None else option_id or "?", width)


def ballot_line(ballot: Ballot, decision: Decision | None) -> str:
    """Return who voted for what, how surely, and why."""
    choice = said(ballot, partial(option_text, decision))
    sure = "" if ballot.confidence is None else f" ({percent(ballot.confidence)} sure)"
    reason = f": {one_line(ballot.reason, 400)}" if ballot.reason.strip() else ""
    moved = " (moved)" if ballot.as_cast else ""
    return f"{ballot.voter}: {choice}{moved}{sure}{reason}"


def outcome_line(decision: Decision) -> str:
    """Return what a decision came to."""
    tally = decision.tally
    if tally is None:
        return "still open" if decision.closed_at is None else "ended without a count"
    width = OPTION_WIDTH if decision.proposal.open else 400
    winner = "" if tally.winner is None else f": {option_text(decision, tally.winner, width)}"
    return f"{tally.verdict.value}{winner}"


def decision_lines(decision: Decision) -> list[str]:
    """Return everything a person wants to know of a decision."""
    counting = decision.tally is not None and decision.closed_at is None
    so_far = "still open; the count so far: " if counting else ""
    lines = [f"Outcome: {so_far}{outcome_line(decision)}"]
    lines += [] if counting else _answer_lines(decision)
    if decision.tally is not None:
        lines += _tally_lines(decision, decision.tally)
    lines += (f"Seats: {what}" for what in not_heard(decision))
    lines += (f"Options: {regrouping(change)}" for change in decision.proposal.regroupings)
    lines += (_dissent_line(decision, dissent) for dissent in decision.dissent)
    lines += (
        f"Changed: {flip.voter} from {_said(decision, flip.before)} "
        f"to {_said(decision, flip.after)}"
        for flip in decision.flips
    )
    return lines


def _said(decision: Decision, option_id: str | None) -> str:
    return "no option" if option_id is None else option_text(decision, option_id)


def _answer_lines(decision: Decision) -> list[str]:
    """Return the winning answer in full where the options are the agents' own."""
    winner = decision.option(decision.tally.winner) if decision.tally else None
    if winner is None or not decision.proposal.open:
        return []
    return ["", *(f"  {line}" for line in visible(winner.text).splitlines()), ""]


def _tally_lines(decision: Decision, tally: Tally) -> list[str]:
    width = max((len(option_text(decision, s.option)) for s in tally.scores), default=0)
    lines = [f"  {_score_line(decision, score, width)}" for score in tally.scores]
    families = ", ".join(tally.families) or "none"
    lines.append(
        f"Rule: {tally.rule.value}; {tally.cast} of {tally.eligible} voted, "
        f"{tally.abstained} abstained, quorum {tally.quorum}; model families: {families}; "
        f"effective voters: {'unknown' if tally.effective is None else f'{tally.effective:g}'}"
    )
    if tally.override:
        lines.append(f"Decided by {one_line(tally.override, 64)}, whatever the count")
    if tally.posterior is not None:
        lines.append(f"Chance by the weights: {percent(tally.posterior)}")
    if tally.chance is not None:
        lines.append(
            f"Chance that this is right, by {tally.weighing.marks} marks: {percent(tally.chance)}"
        )
    if tally.absent:
        lines.append(f"Absent: {', '.join(tally.absent)}")
    lines.append(f"Why: {one_line(tally.reason, 400)}")
    if tally.verdict is Verdict.ADVISORY and tally.rule not in (Rule.CHAIR, Rule.DAWID_SKENE):
        vote = f"gitbridge decision vote {decision.id[:8]} OPTION"
        lines.append(f"Your own vote makes it a decision: {vote}")
    lines += (f"Tie: {one_line(step, 400)}" for step in tally.tie_steps)
    lines += (f"Note: {one_line(note, 400)}" for note in tally.notes)
    return lines


def _score_line(decision: Decision, score: Score, width: int) -> str:
    latest = {b.voter: b for b in decision.ballots if not (b.override or b.casting)}
    voters = [b.voter for b in latest.values() if b.first == score.option]
    text = option_text(decision, score.option).ljust(width)
    return f"{text}  {score.votes:g}  {percent(score.share):>5}  {', '.join(voters)}".rstrip()


def _dissent_line(decision: Decision, dissent: Dissent) -> str:
    mind = one_line(dissent.would_change_my_mind, 400)
    change = f" (would change their mind: {mind})" if mind else ""
    said = f'"{one_line(dissent.argument, 2_000)}"' if dissent.argument else "gave no reason"
    who = ", ".join(dissent.holders)
    return f"Dissent: {who} for {option_text(decision, dissent.option)}: {said}{change}"
