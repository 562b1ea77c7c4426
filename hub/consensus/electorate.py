"""Who may vote, and which of the ballots that were cast count."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from hub.domain.decision import AnswerKind, Ballot, BallotKind, Option, Proposal, Rule, Seat

HUMAN_FAMILY = "human"
"""A person's ballot is a mind apart from every model."""


def electorate(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[str, ...]:
    """Return the names of the voters: the eligible agents, and each person who cast a ballot."""
    people = sorted({b.voter for b in ballots if b.kind is BallotKind.HUMAN})
    return tuple(dict.fromkeys((*proposal.eligible, *people)))


def counted(proposal: Proposal, ballots: Iterable[Ballot]) -> dict[str, Ballot]:
    """Return the ballot that counts for each voter: the valid one of its latest round.

    Within a round the first one counts, since a ballot never changes once cast. Ballots by
    strangers, for unknown options, or that say two things at once do not count. Where the options
    are the agents' own drafts, a voter's own is struck from what it ranks or approves. A person's
    override is no vote: it stands beside the tally; so does a ballot that was cast for a tie. A
    chair votes twice, and abstains where its two answers differ.
    """
    if proposal.rule is Rule.CHAIR:
        return _in_both_orders(proposal, ballots)
    return _latest(proposal, ballots)


def reversed_in(rule: Rule, round_: int) -> bool:
    """True where the options are listed the other way round: for a chair's second look."""
    return rule is Rule.CHAIR and round_ % 2 == 0


def in_both_orders(one: Ballot, other: Ballot) -> Ballot:
    """Return a judge's ballot from its two answers, the options once listed the other way round.

    It abstains where they differ: then the order decided, not the options.
    """
    if one.first == other.first:
        return one
    reason = "Its answer changed with the order of the options."
    return replace(one, choice=None, ranking=(), approvals=(), abstain=True, reason=reason)


def _in_both_orders(proposal: Proposal, ballots: Iterable[Ballot]) -> dict[str, Ballot]:
    cast = tuple(ballots)
    ahead, behind = (
        _latest(proposal, (b for b in cast if reversed_in(proposal.rule, b.round) is way))
        for way in (False, True)
    )
    both = {v: in_both_orders(ahead[v], behind[v]) for v in ahead.keys() & behind.keys()}
    return behind | ahead | both


def _latest(proposal: Proposal, ballots: Iterable[Ballot]) -> dict[str, Ballot]:
    eligible = set(proposal.eligible)
    options = {option.id: option for option in proposal.options}
    found: dict[str, Ballot] = {}
    for ballot in ballots:
        if (
            ballot.override
            or ballot.casting
            or not (ballot.kind is BallotKind.HUMAN or _by_an_agent(ballot, eligible))
        ):
            continue
        fair = _without_own(ballot, proposal, options)
        if not _is_valid(fair, options, proposal.rule):
            continue
        before = found.get(ballot.voter)
        if before is None or ballot.round > before.round:
            found[ballot.voter] = fair
    return found


def family(ballot: Ballot) -> str | None:
    """Return whose mistakes this ballot shares; None where nobody knows the model."""
    return HUMAN_FAMILY if ballot.kind is BallotKind.HUMAN else ballot.family


def seat_of(proposal: Proposal, voter: str, ballot: Ballot | None = None) -> Seat:
    """Return who answers for a voter: who served its ballot, else who is expected to."""
    seat = next((seat for seat in proposal.seats if seat.agent == voter), Seat(voter))
    if ballot is None:
        return seat
    return replace(
        seat,
        deployment=ballot.deployment or seat.deployment,
        family=family(ballot) or (seat.family if not ballot.deployment else None),
    )


def hidden_from(proposal: Proposal, voter: str) -> frozenset[str]:
    """Return the ids of the voter's own drafts, which it neither sees nor ranks.

    Models prefer what they wrote (Panickssery et al. 2024, arXiv 2404.13076). With fewer than two
    drafts of others it sees them all. An answer that is a value is no matter of taste: none is hidden.
    """
    if not proposal.open or proposal.kind is not AnswerKind.TEXT:
        return frozenset()
    own = [option.id for option in proposal.options if option.authors == (voter,)]
    return frozenset(own) if len(proposal.options) - len(own) > 1 else frozenset()


def _by_an_agent(ballot: Ballot, eligible: Collection[str]) -> bool:
    return ballot.kind is BallotKind.AGENT and ballot.voter in eligible


def _without_own(ballot: Ballot, proposal: Proposal, options: dict[str, Option]) -> Ballot:
    """Strike a voter's own drafts from what it ranks or approves; places move up by themselves."""
    if not (ballot.ranking or ballot.approvals) or not proposal.open:
        return ballot
    own = hidden_from(proposal, ballot.voter) & options.keys()
    return replace(
        ballot,
        ranking=tuple(id_ for id_ in ballot.ranking if id_ not in own),
        approvals=tuple(id_ for id_ in ballot.approvals if id_ not in own),
    )


def _is_valid(ballot: Ballot, options: dict[str, Option], rule: Rule) -> bool:
    """True for a ballot that says one thing, of options that exist, each named once."""
    named = (ballot.choice,) if ballot.choice is not None else ballot.ranking or ballot.approvals
    said = (
        (ballot.choice is not None)
        + bool(ballot.ranking)
        + bool(ballot.approvals)
        + ballot.abstain
        + ballot.block
    )
    if said != 1 or len(set(named)) < len(named):
        return False
    if ballot.block:
        return rule is Rule.CONSENT and bool(ballot.reason.strip())
    return all(id_ in options for id_ in named)
