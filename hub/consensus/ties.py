"""How a tie is broken: step by step, each recorded, and never by the order of the options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from hub.consensus.profile import Profile, first, top
from hub.consensus.rules.pairwise import condorcet, margins
from hub.domain.decision import Ballot, TieStep, Weighing
from hub.domain.ids import seeded
from hub.domain.text import one_line

_Result = tuple[frozenset[str], str]
"""What is still tied, and the sentence that says why."""


@dataclass(frozen=True, slots=True)
class _Tie:
    profile: Profile
    weighing: Weighing
    tied: frozenset[str]
    ballots: Collection[Ballot]

    def text(self, option_id: str) -> str:
        options = self.profile.proposal.options
        return f"“{one_line(next(o.text for o in options if o.id == option_id), 80)}”"


def broken(
    profile: Profile, weighing: Weighing, tied: Collection[str], ballots: Collection[Ballot]
) -> tuple[str | None, tuple[str, ...]]:
    """Return the one that is left and what was tried; None where it is left to the person.

    Args:
        profile: The ballots that count.
        weighing: What is known of the voters.
        tied: Option ids, level at the top.
        ballots: All that were cast, among them one more for this tie, if one was asked for.
    """
    tie, steps = _Tie(profile, weighing, frozenset(tied), ballots), []
    for step in profile.proposal.tie_chain:
        if len(tie.tied) <= 1:
            break
        left, said = _STEPS[step](tie)
        steps.append(f"{step.value}: {said}")
        tie = replace(tie, tied=left)
    return (next(iter(tie.tied)) if len(tie.tied) == 1 else None), tuple(steps)


def _by_weights(tie: _Tie) -> _Result:
    if not tie.weighing.odds:
        return tie.tied, "no decision is marked yet, so all weigh alike"
    odds = dict.fromkeys(tie.profile.voters, 1.0) | dict(tie.weighing.odds)
    return _most(tie, odds, mean=False)


def _by_comparison(tie: _Tie) -> _Result:
    winner = condorcet(margins(tie.profile), sorted(tie.tied))
    if winner is None:
        return tie.tied, "none of them beats each of the others"
    return frozenset({winner}), f"{tie.text(winner)} beats each of the others"


def _by_confidence(tie: _Tie) -> _Result:
    if not tie.weighing.sureness:
        return tie.tied, "no voter has 30 marks yet"
    return _most(tie, dict(tie.weighing.sureness), mean=True)


def _by_one_more(tie: _Tie) -> _Result:
    more = [b for b in tie.ballots if b.casting and first(b) in tie.tied]
    if not more:
        return tie.tied, "none was cast"
    ballot = min(more, key=lambda b: (b.round, b.voter))
    option = first(ballot) or ""
    return frozenset({option}), f"{ballot.voter} chose {tie.text(option)}"


def _by_lot(tie: _Tie) -> _Result:
    winner = min(tie.tied, key=lambda option: seeded(tie.profile.proposal.seed, option))
    return frozenset({winner}), "the lowest sha256 of decision and option"


def _by_person(tie: _Tie) -> _Result:
    return tie.tied, "it is left to the person"


_STEPS: Mapping[TieStep, Callable[[_Tie], _Result]] = {
    TieStep.WEIGHTS: _by_weights,
    TieStep.CONDORCET: _by_comparison,
    TieStep.CONFIDENCE: _by_confidence,
    TieStep.BALLOT: _by_one_more,
    TieStep.LOT: _by_lot,
    TieStep.PERSON: _by_person,
}


def _most(tie: _Tie, figures: Mapping[str, float], *, mean: bool) -> _Result:
    """Keep the options whose holders have the highest sum, or mean, of a figure."""
    held: dict[str, list[float]] = {option: [] for option in sorted(tie.tied)}
    for voter, ballot in tie.profile.ballots.items():
        option = first(ballot)
        if option in held and voter in figures:
            held[option].append(figures[voter])
    scores = {o: sum(f) / (max(1, len(f)) if mean else 1) for o, f in held.items()}
    left = top(scores, held)
    if len(left) == len(tie.tied):
        return tie.tied, "level here too"
    ahead = " and ".join(sorted(tie.text(option) for option in left))
    return left, f"{ahead} with {max(scores.values()):.2f}"
