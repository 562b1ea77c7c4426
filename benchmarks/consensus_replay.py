"""Puts recorded answers through the shipped tally: ballots in, outcome out, rule by rule.

Questions on which a committee splits alike, with as many options and in the same category, are one
question to a tally; each such pattern is counted once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.consensus_data import Committee, Question, vendor
from hub.consensus.early_stop import stop_reason
from hub.consensus.learning.calibration import NOTHING, Calibration, Recorded, Voted
from hub.consensus.profile import OPEN_OPTIONS, profile_of
from hub.consensus.sequence import next_voters
from hub.consensus.tally import tally
from hub.consensus.weighing import weigh
from hub.domain.decision import Ballot, Option, Proposal, Rule, Seat, Tally, Verdict

FOLDS = 5
Floats = NDArray[np.float64]
_ABSTAINS, _ABSENT = -1, -2
_SEQUENTIAL = frozenset({Rule.CASCADE, Rule.PANEL, Rule.CHAIR})
_LETTERS = tuple(Option(str(number)) for number in range(64))
_IDS = {option.id: number for number, option in enumerate(_LETTERS)}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a tally sees of a question."""

    split: tuple[int, ...]
    """By member, the number of its answer in order of appearance."""
    options: int
    open: bool
    category: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule made of a pattern."""

    leaders: frozenset[int]
    winner: int | None
    decided: bool
    posterior: float | None
    chance: float | None
    share: float
    asked: tuple[int, ...]
    """Members that were asked."""
    changed: bool
    """True where stopping early changed the outcome; never, if it is lossless."""


@dataclass(frozen=True, slots=True)
class Column:
    """One rule on every question, in the order of the questions."""

    hits: Floats
    """Ties in parts."""
    decided: NDArray[np.bool_]
    """Whether the rule's condition was met."""
    right: NDArray[np.bool_]
    """Whether what it decided is right."""
    sure: Floats
    """Chance of being right as told to the person; where there is none, the share of the votes."""
    raw: Floats
    """Posterior, or share of the votes, before calibration."""
    calls: Floats
    chars: Floats
    changed: int


class Replay:
    """One committee on one set."""

    def __init__(self, questions: Sequence[Question], committee: Committee) -> None:
        self.questions = questions
        self.committee = committee
        self.families = tuple(vendor(model) for model in committee.members)
        self.seats = tuple(
            Seat(model, model, family, cost)
            for cost, (model, family) in enumerate(
                zip(committee.members, self.families, strict=True)
            )
        )
        self.patterns, self.right = self._patterns()
        self.chars = np.array(
            [[q.chars.get(model, 0) for model in committee.members] for q in questions], dtype=float
        )

    def _patterns(self) -> tuple[list[Pattern], list[int]]:
        patterns, right = [], []
        for question in self.questions:
            numbers: dict[str, int] = {}
            split = []
            for model in self.committee.members:
                answer = question.answers[model]
                if not answer:
                    split.append(_ABSENT if answer is None else _ABSTAINS)
                else:
                    split.append(numbers.setdefault(answer, len(numbers)))
            options = max(len(numbers), question.options or 0)
            patterns.append(
                Pattern(tuple(split), options, question.options is None, question.category)
            )
            right.append(numbers.get(question.gold, -1))
        return patterns, right

    @cached_property
    def rows(self) -> tuple[Recorded, ...]:
        """Every question as a marked decision."""
        return tuple(
            Recorded(
                decision=question.id,
                category=question.category,
                k=max(OPEN_OPTIONS, pattern.options) if pattern.open else max(2, pattern.options),
                votes=tuple(
                    Voted(s.agent, s.deployment, s.family, None if n < 0 else str(n))
                    for s, n in zip(self.seats, pattern.split, strict=True)
                    if n != _ABSENT
                ),
                right=str(right),
            )
            for question, pattern, right in zip(
                self.questions, self.patterns, self.right, strict=True
            )
        )

    @cached_property
    def member_hits(self) -> Floats:
        """(n, m): whether each member is right."""
        splits = np.array([pattern.split for pattern in self.patterns])
        right = np.array(self.right)[:, None]
        hits: Floats = ((splits == right) & (right >= 0)).astype(np.float64)
        return hits

    @property
    def oracle(self) -> Floats:
        """(n,): whether anybody is right."""
        return (np.array(self.right) >= 0).astype(float)

    def folds(self, seed: int) -> NDArray[np.intp]:
        """Deal the questions to five folds."""
        return np.random.default_rng(seed).permutation(len(self.questions)) % FOLDS

    def training(self, held_out: NDArray[np.bool_], *, gold: bool = True) -> Calibration:
        """Return what the other folds teach; recorded models never change, so nothing fades."""
        rows = (row for row, held in zip(self.rows, held_out, strict=True) if not held)
        return Calibration(tuple(r if gold else replace(r, right=None) for r in rows), fading=1.0)

    def unlearned(self, rule: Rule) -> Column:
        """Replay a rule that learns nothing."""
        everything = range(len(self.questions))
        return self._column(self._found(_Counter(self, rule, stop=True), NOTHING, everything))

    def learned(
        self, rules: Iterable[Rule], seed: int, *, stop: bool, sure: float = 0.95
    ) -> dict[Rule, Column]:
        """Replay rules, each fold by what the others teach."""
        fold = self.folds(seed)
        found: dict[Rule, dict[int, Outcome]] = {rule: {} for rule in rules}
        for number in range(FOLDS):
            held = np.flatnonzero(fold == number).tolist()
            taught = self.training(fold == number)
            for rule, outcomes in found.items():
                counter = _Counter(self, rule, stop=stop, sure=sure)
                known = taught
                if rule is Rule.DAWID_SKENE:
                    known = self.training(fold == number, gold=False)
                outcomes.update(self._found(counter, known, held))
        return {rule: self._column(outcomes) for rule, outcomes in found.items()}

    def marked(self, rule: Rule, marks: int, seed: int, *, most: int) -> Column:
        """Replay a rule on questions, `most` of them, beside some marked ones: all it knows."""
        order = np.random.default_rng(seed).permutation(len(self.questions))
        known = np.isin(np.arange(len(order)), order[:marks])
        rest = order[marks : marks + most].tolist()
        return self._column(
            self._found(_Counter(self, rule, stop=False), self.training(~known), rest)
        )

    def _found(
        self, counter: _Counter, calibration: Calibration, numbers: Iterable[int]
    ) -> dict[int, Outcome]:
        memo: dict[Pattern, Outcome] = {}
        found = {}
        for number in numbers:
            pattern = self.patterns[number]
            if pattern not in memo:
                memo[pattern] = counter.outcome(pattern, calibration)
            found[number] = memo[pattern]
        return found

    def _column(self, found: Mapping[int, Outcome]) -> Column:
        order = sorted(found)
        outs, right = [found[n] for n in order], [self.right[n] for n in order]
        pairs = list(zip(outs, right, strict=True))
        raw = [out.share if out.posterior is None else out.posterior for out in outs]
        return Column(
            hits=np.array([(r in out.leaders) / max(1, len(out.leaders)) for out, r in pairs]),
            decided=np.array([out.decided for out in outs]),
            right=np.array([out.decided and out.winner == r for out, r in pairs]),
            sure=np.array(
                [x if o.chance is None else o.chance for o, x in zip(outs, raw, strict=True)]
            ),
            raw=np.array(raw),
            calls=np.array([float(len(out.asked)) for out in outs]),
            chars=np.array(
                [self.chars[n, list(out.asked)].sum() for n, out in zip(order, outs, strict=True)]
            ),
            changed=sum(out.changed for out in outs),
        )


class _Counter:
    """Counts one rule's patterns."""

    def __init__(self, replay: Replay, rule: Rule, *, stop: bool, sure: float = 0.95) -> None:
        self._replay = replay
        self._rule = rule
        self._stop = stop
        self._sure = sure

    def outcome(self, pattern: Pattern, calibration: Calibration) -> Outcome:
        """Return what the rule makes of a pattern, and who had to be asked."""
        proposal = self._proposal(pattern)
        ballots = self._ballots(pattern)
        full = tally(proposal, list(ballots.values()), calibration)
        members = [seat.agent for seat in self._replay.seats]
        asked = members
        if self._rule in _SEQUENTIAL or self._stop:
            asked = self._asked(proposal, ballots, calibration)
        cast = [ballots[voter] for voter in asked if voter in ballots]
        count = tally(proposal, cast, calibration) if len(asked) < len(members) else full
        changed = (count.winner, count.verdict) != (full.winner, full.verdict)
        return _outcome(
            count if self._rule in _SEQUENTIAL else full,
            tuple(members.index(voter) for voter in asked),
            changed=changed and self._rule not in _SEQUENTIAL,
        )

    def _proposal(self, pattern: Pattern) -> Proposal:
        return Proposal(
            question="?",
            options=_LETTERS[: pattern.options],
            eligible=self._replay.committee.members,
            rule=self._rule,
            seed="benchmark",
            open=pattern.open,
            seats=self._replay.seats,
            category=pattern.category,
            sure=self._sure,
        )

    def _ballots(self, pattern: Pattern) -> dict[str, Ballot]:
        return {
            seat.agent: Ballot(
                voter=seat.agent,
                round=1,
                choice=None if number < 0 else _LETTERS[number].id,
                abstain=number < 0,
                family=seat.family,
                deployment=seat.deployment,
            )
            for seat, number in zip(self._replay.seats, pattern.split, strict=True)
            if number != _ABSENT
        }

    def _asked(
        self, proposal: Proposal, ballots: Mapping[str, Ballot], calibration: Calibration
    ) -> list[str]:
        """Ask one after the other until nobody is wanted or the outcome is settled."""
        asked: list[str] = []
        while True:
            cast = [ballots[voter] for voter in asked if voter in ballots]
            if asked and stop_reason(proposal, cast, asked, calibration):
                return asked
            wanted = self._wanted(proposal, cast, asked, calibration)
            if not wanted:
                return asked
            asked.append(wanted[0])

    def _wanted(
        self,
        proposal: Proposal,
        cast: Sequence[Ballot],
        asked: Sequence[str],
        calibration: Calibration,
    ) -> tuple[str, ...]:
        if self._rule not in _SEQUENTIAL:
            return proposal.eligible[len(asked) :]
        profile = profile_of(proposal, cast)
        return next_voters(profile, weigh(profile, calibration), asked)


def _outcome(count: Tally, asked: tuple[int, ...], *, changed: bool) -> Outcome:
    return Outcome(
        leaders=frozenset(_IDS[option] for option in count.leaders),
        winner=None if count.winner is None else _IDS[count.winner],
        decided=count.verdict is not Verdict.NO_CONSENSUS,
        posterior=count.posterior,
        chance=count.chance,
        share=count.scores[0].share if count.scores else 0.0,
        asked=asked,
        changed=changed,
    )


def by_category(replay: Replay) -> dict[str, list[int]]:
    """Return the numbers of the questions of each category."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, question in enumerate(replay.questions):
        found[question.category].append(number)
    return dict(found)
