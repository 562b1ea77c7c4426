"""What a calibration says about the voters of one decision; a count needs nothing else of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hub.consensus.electorate import family, seat_of
from hub.consensus.learning.calibration import NOTHING, Calibration, shared
from hub.consensus.learning.confidence import most, sureness, weight
from hub.consensus.learning.kinship import kinship
from hub.consensus.learning.records import log_odds, odds_of, record_of, strongest
from hub.consensus.profile import Profile
from hub.domain.decision import BallotKind, Rule, Seat, Weighing

UNCALIBRATED = "uncalibrated"
ENOUGH = 30
"""Marked decisions from which on a calibration says anything."""
BY_ODDS = frozenset({Rule.WEIGHTED, Rule.STACKED, Rule.CONFIDENCE, Rule.PANEL, Rule.DAWID_SKENE})
"""Rules whose sums of weights are log-odds, so that they have a posterior."""
_BY_VOTES = frozenset({Rule.PLURALITY, Rule.MAJORITY, Rule.QUALIFIED, Rule.UNANIMITY, Rule.CONSENT})
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class _Committee:
    """The agents of one decision, before a calibration; people are not marked."""

    profile: Profile
    calibration: Calibration
    seats: Mapping[str, Seat]
    """By voter, sorted."""

    @property
    def roster(self) -> tuple[Seat, ...]:
        """Seats as marks know them: what one costs is no part of who sits there."""
        return tuple(Seat(s.agent, s.deployment) for s in self.seats.values())

    @property
    def category(self) -> str:
        return self.profile.proposal.category

    def odds(self) -> dict[str, float]:
        """Return each voter's log-odds of being right."""
        found = odds_of(self.calibration, self.roster, self.category, self.profile.k)
        return dict(zip(self.seats, found, strict=True))


def weigh(profile: Profile, calibration: Calibration = NOTHING) -> Weighing:
    """Work out what the proposal's rule needs to know.

    Weights of voters without a ballot are the most that theirs can come to. Figures are rounded to
    six decimals, so that other machines count alike.
    """
    of = _committee(profile, calibration)
    marks = len(shared(calibration, of.roster))
    rule, used = _rule(of, marks)
    weights, notes = _weights(of, rule)
    if profile.proposal.rule is Rule.AUTO and used < ENOUGH:
        notes = (UNCALIBRATED,)
    elif profile.proposal.rule is Rule.AUTO:
        notes = (f"auto chose {rule.value} on {used} marked decisions", *notes)
    elif rule in BY_ODDS - {Rule.DAWID_SKENE} and marks < ENOUGH:
        notes = (UNCALIBRATED, *notes)
    order = strongest(calibration, tuple(of.seats.values()), of.category, profile.proposal.seed)
    return Weighing(
        marks=marks,
        calibration=calibration.id,
        rule=rule if profile.proposal.rule is Rule.AUTO else None,
        weights=_discounted(of, weights) if profile.proposal.discount else _pairs(weights),
        odds=_pairs(of.odds()) if marks else (),
        order=tuple(seat.agent for seat in order),
        sureness=_sureness(of),
        kinship=_pairs(kinship(calibration)),
        chances=_chances(of, rule) if marks >= ENOUGH else (),
        notes=notes,
    )


def _committee(profile: Profile, calibration: Calibration) -> _Committee:
    people = {b.voter for b in profile.ballots.values() if b.kind is BallotKind.HUMAN}
    seats = {
        voter: seat_of(profile.proposal, voter, profile.ballots.get(voter))
        for voter in profile.voters
        if voter not in people
    }
    return _Committee(profile, calibration, seats)


def _rule(of: _Committee, marks: int) -> tuple[Rule, int]:
    """Return the rule that counts, and how many marks chose it."""
    rule = of.profile.proposal.rule
    if rule is not Rule.AUTO:
        return rule, marks
    if marks < ENOUGH:
        return Rule.MAJORITY, marks
    from hub.consensus.learning.guard import choose

    return choose(of.calibration, of.roster, of.category)


def _weights(of: _Committee, rule: Rule) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return weights by voter, and what to note; none where all weigh alike."""
    found: dict[str, float] = {}
    match rule:
        case Rule.WEIGHTED | Rule.PANEL:
            found = of.odds()
        case Rule.STACKED:
            from hub.consensus.learning.stacked import stacked

            fitted = stacked(of.calibration, of.roster, of.category)
            found = dict(zip(of.seats, map(float, fitted), strict=True))
        case Rule.CONFIDENCE:
            found = {voter: _by_confidence(of, voter) for voter in of.seats}
        case Rule.DAWID_SKENE:
            from hub.consensus.learning.dawid_skene import reliability

            chances = reliability(of.calibration, of.roster)
            if chances is None:
                return {}, ("fewer than 200 decisions to learn from: all votes weigh alike",)
            k = of.profile.k
            found = {v: log_odds(float(p), k) for v, p in zip(of.seats, chances, strict=True)}
        case _:
            return {}, ()
    if not any(found.values()):
        return {}, ("no voter is known to be better than chance: all votes weigh alike",)
    people = dict.fromkeys(set(of.profile.voters) - of.seats.keys(), 1.0)
    return found | people, ()


def _by_confidence(of: _Committee, voter: str) -> float:
    seat, ballot = of.seats[voter], of.profile.ballots.get(voter)
    if ballot is None:
        return most(of.calibration, seat, of.profile.k)
    return weight(of.calibration, seat, ballot.confidence, of.profile.k)


def _discounted(of: _Committee, weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Divide each weight by 1 + (n_f - 1) rho_f, n_f being the family's ballots."""
    rho = kinship(of.calibration)
    families = {voter: family(ballot) for voter, ballot in of.profile.ballots.items()}
    sizes = Counter(families.values())
    return _pairs(
        {
            voter: weights.get(voter, 1.0)
            / (1 + max(0, sizes[name] - 1) * rho.get(name or "", 0.0))
            for voter in of.profile.voters
            for name in (families.get(voter),)
        }
    )


def _sureness(of: _Committee) -> tuple[tuple[str, float], ...]:
    found = {}
    for voter, seat in of.seats.items():
        ballot = of.profile.ballots.get(voter)
        sure = None
        if ballot is not None and not ballot.abstain:
            sure = sureness(record_of(of.calibration, seat), ballot.confidence)
        if sure is not None:
            found[voter] = sure
    return _pairs(found)


def _chances(of: _Committee, rule: Rule) -> tuple[float, ...]:
    from hub.consensus.learning.guard import chances

    if rule in _BY_VOTES:
        rule = Rule.PLURALITY
    elif rule is Rule.PANEL:
        rule = Rule.WEIGHTED
    return chances(of.calibration, of.roster, rule)


def _pairs(figures: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple((name, round(figures[name], _DIGITS)) for name in sorted(figures))
