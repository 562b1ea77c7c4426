"""What the losers said, verbatim: when the many were wrong, a dissenter was right in about half."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hub.consensus.electorate import counted
from hub.consensus.profile import first
from hub.domain.decision import Ballot, Dissent, Flip, Proposal, Tally


def dissent(proposal: Proposal, ballots: Collection[Ballot], tally: Tally) -> tuple[Dissent, ...]:
    """Return one entry for each option that has holders and did not win, in the tally's order.

    Without a winner that is every option with a vote.
    """
    valid = counted(proposal, ballots).values()
    weights, sure = dict(tally.weighing.weights), dict(tally.weighing.sureness)
    changes = flips(ballots)
    found = []
    for score in tally.scores:
        holders = sorted((b for b in valid if first(b) == score.option), key=_surest_first)
        if score.option == tally.winner or not holders:
            continue
        speaker = next((b for b in holders if b.reason), holders[0])
        found.append(
            Dissent(
                option=score.option,
                holders=tuple(sorted(ballot.voter for ballot in holders)),
                share=score.share,
                argument=speaker.reason,
                argued_by=speaker.voter,
                would_change_my_mind=speaker.would_change_my_mind,
                flips_to=sum(flip.after == score.option for flip in changes),
                flips_from=sum(flip.before == score.option for flip in changes),
                weight=sum(weights[b.voter] for b in holders) if weights else None,
                sureness=_mean([sure[b.voter] for b in holders if b.voter in sure]),
            )
        )
    return tuple(found)


def flips(ballots: Iterable[Ballot]) -> tuple[Flip, ...]:
    """Return each change of mind from one round to the voter's next, by round, then by voter."""
    before: dict[str, Ballot] = {}
    found = []
    votes = (ballot for ballot in ballots if not ballot.casting)
    for ballot in sorted(votes, key=lambda b: (b.round, b.voter)):
        last = before.get(ballot.voter)
        if last is not None and last.round == ballot.round:
            continue
        if last is not None and first(last) != first(ballot):
            found.append(Flip(ballot.voter, first(last), first(ballot), ballot.reason))
        before[ballot.voter] = ballot
    return tuple(found)


def _mean(figures: list[float]) -> float | None:
    return sum(figures) / len(figures) if figures else None


def _surest_first(ballot: Ballot) -> tuple[float, str]:
    """Sort by stated confidence, unstated last, then by name."""
    return -(ballot.confidence if ballot.confidence is not None else -1.0), ballot.voter
