"""Whether a rule's condition is met, what its winner is worth, and the sentence that says so."""

from __future__ import annotations

from hub.consensus.profile import first
from hub.consensus.standing import FAMILIES_NEEDED, POSTERIOR, Standing, needed
from hub.consensus.weighing import BY_ODDS
from hub.domain.decision import Rule, Verdict
from hub.domain.text import one_line

_PLAIN = frozenset(
    {Rule.PLURALITY, Rule.MAJORITY, Rule.QUALIFIED, Rule.UNANIMITY, Rule.CONSENT, Rule.APPROVAL}
)
_SEQUENCES = {
    Rule.CASCADE: "the cheap pair agreed on it, or the strongest said so",
    Rule.CHAIR: "the chair chose it; this rule is dictatorial",
    Rule.SINGLE: "the agent with the best record chose it",
}


def failure(of: Standing) -> str | None:
    """Return why nothing is decided, or None when quorum and rule are met."""
    profile, cast = of.profile, len(of.profile.cast)
    if cast < of.quorum:
        return f"{cast} of {len(profile.voters)} voted, and {of.quorum} are needed."
    blocks = [ballot for ballot in profile.ballots.values() if ballot.block]
    if of.rule is Rule.CONSENT and blocks:
        said = " ".join(f"{b.voter} blocks: {one_line(b.reason, 160)}" for b in blocks)
        return f"Consent was withheld. {said}"
    if not of.found.leaders:
        return "Nobody voted for an option."
    if of.leader is None:
        return f"{len(of.found.leaders)} options are level, and the tie is left to the person."
    return _short_of(of, of.leader)


def _short_of(of: Standing, leader: str) -> str | None:
    """Return what the leader lacks, or None."""
    voters = len(of.profile.voters)
    if of.rule in BY_ODDS:
        wanted = of.profile.proposal.threshold or POSTERIOR
        if of.agreed or of.posteriors[leader] >= wanted:
            return None
        sure = f"{of.posteriors[leader]:.0%}"
        return f"{of.text(leader)} led at {sure}; {of.rule.value} decides from {wanted:.0%}."
    votes = needed(of.rule, voters, of.profile.proposal.threshold)
    if of.rule not in _PLAIN or of.score >= votes - 1e-9:
        return None
    level = len(of.found.leaders)
    led = f"{level} options were level at" if level > 1 else f"{of.text(leader)} led with"
    return f"{led} {of.score:g} of {voters} votes; {of.rule.value} needs {votes}."


def verdict(of: Standing, winner: str) -> tuple[Verdict, str]:
    """Return what a winner is worth, and the sentence that says so."""
    won = _won(of, winner)
    if of.by_lot:
        won += ", level with another; a lot drawn from the decision's seed settled it"
    if of.rule is Rule.CHAIR:
        return Verdict.ADVISORY, f"{won}. It is advice: one judge decided alone."
    if of.rule is Rule.DAWID_SKENE:
        return Verdict.ADVISORY, (
            f"{won}. It is advice: agreement alone says who is reliable, and colluders look so too."
        )
    families = of.profile.families
    if len(families) >= FAMILIES_NEEDED:
        return Verdict.DECIDED, f"{won}."
    served = f"one model family ({families[0]})" if families else "unknown models"
    return Verdict.ADVISORY, (
        f"{won}. It is advice: all ballots came from {served}, and alike models make alike "
        "mistakes. With a second provider, or your own vote, it can be decided."
    )


def _won(of: Standing, winner: str) -> str:
    voters = len(of.profile.voters)
    if of.rule in BY_ODDS:
        return f"{of.text(winner)} came to {of.posteriors[winner]:.0%} by {of.rule.value}"
    if of.rule is Rule.SINGLE:
        return f"{of.text(winner)} won: {_SEQUENCES[of.rule]}{_plurality(of)}"
    if of.rule in _SEQUENCES:
        return f"{of.text(winner)} won: {_SEQUENCES[of.rule]}"
    if of.rule in _PLAIN:
        return f"{of.text(winner)} got {of.score:g} of {voters} votes"
    return f"{of.text(winner)} won by {of.rule.value.replace('_', ' ')} over {voters} voters"


def _plurality(of: Standing) -> str:
    """Say who decided alone, and what most votes were for."""
    said = {voter: first(ballot) for voter, ballot in of.profile.ballots.items()}
    alone = next((voter for voter in of.weighing.order if said.get(voter)), "")
    most = max(of.found.scores.values(), default=0.0)
    level = sorted(of.text(o) for o, votes in of.found.scores.items() if votes == most)
    return f" ({alone}); plurality said {' or '.join(level)}"
