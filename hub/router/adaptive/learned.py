"""Everything that the learned policy knows; it changes with a turn, a bill and a mark, and stays small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hub.domain.turn import Purpose
from hub.router.adaptive.belief import UNKNOWN_QUALITY, Belief, unmarked
from hub.router.adaptive.bill import Bill, billed
from hub.router.adaptive.drift import CALM
from hub.router.adaptive.knowledge import Knowledge
from hub.router.adaptive.pace import Worth, worth
from hub.router.adaptive.saturation import UNTRIED, Tasks, task_of
from hub.router.features import DIMENSION, Floats
from hub.router.priors import priors_of

WINDOW = 256
"""Prompts that the price of money is worked out on."""
_EVERY_TURN = 64
_THEN_EVERY = 8
_MOST_SETS = 8
"""Sets of deployments of which it is kept; who may serve differs by agent and by seat."""
_ALERT_TURNS = 150
_NO_VECTORS = np.zeros((0, DIMENSION))
_NEW_BILL = billed()


@dataclass(frozen=True, slots=True, eq=False)
class Learned(Knowledge):
    """Beliefs and bills by deployment, the last prompts, and what money is worth on them."""

    beliefs: Mapping[str, Belief] = field(default_factory=dict)
    bills: Mapping[str, Bill] = field(default_factory=dict)
    tasks: Tasks = field(default_factory=dict)
    vectors: Floats = field(default_factory=lambda: _NO_VECTORS)
    """(n, d): the last prompts, the newest last."""
    expected: Mapping[str, Floats] = field(default_factory=dict)
    """(n,) by deployment: cost that price and mean answer let expect, micro-dollars; NaN: unknown."""
    turns: int = 0
    alert: int = 0
    """Turns left in which more is tried out, after an alarm."""
    alarms: int = 0
    worths: Mapping[tuple[str, ...], Worth] = field(default_factory=dict)
    """What money is worth between deployments that turns were lately between, by their names."""

    def beliefs_on(self, names: Sequence[str]) -> list[Belief]:
        """Return a belief for each; one without marks starts from its prior, else from the others."""
        if all(name in self.beliefs for name in names):
            return [self.beliefs[name] for name in names]
        priors = priors_of(names) or {}
        means = [belief.mean for belief in self.beliefs.values()]
        usual = sum(means) / len(means) if means else UNKNOWN_QUALITY
        return [self.beliefs.get(n) or unmarked(priors.get(n, usual)) for n in names]

    def bill_of(self, name: str) -> Bill:
        """Return what calls said about the cost of a deployment."""
        return self.bills.get(name, _NEW_BILL)


NOTHING = Learned()


def known(knowledge: Knowledge | None) -> Learned:
    """Return what was learned; nothing where that is not known yet."""
    return knowledge if isinstance(knowledge, Learned) else NOTHING


def routed(
    learned: Learned,
    vector: Floats,
    expected: Mapping[str, float],
    reserve: Sequence[str] = (),
) -> Learned:
    """Return what is known after a turn was routed.

    Args:
        learned: What was known before.
        vector: `hub.router.features.features` of the turn.
        expected: Cost by deployment that price and mean answer let expect, micro-dollars; those
            that could be chosen and have a price.
        reserve: Those that were ranked apart from them, should they fail.
    """
    seen = len(learned.vectors)
    columns = {
        name: _appended(learned.expected.get(name), seen, expected.get(name, np.nan))
        for name in {**learned.expected, **expected}
    }
    vectors = np.vstack((learned.vectors, vector))[-WINDOW:]
    known = {name: column for name, column in columns.items() if not np.isnan(column).all()}
    turns = learned.turns + 1
    changed = replace(
        learned,
        vectors=vectors,
        expected=known,
        turns=turns,
        alert=max(0, learned.alert - 1),
    )
    for names in (tuple(sorted(expected)), tuple(sorted(reserve))):
        changed = _solved(changed, names)
    return changed


def charged(
    learned: Learned, deployment: str, vector: Floats, cost: float, expected: float
) -> Learned:
    """Return what is known after a call was paid.

    Args:
        learned: What was known before.
        deployment: Who was called.
        vector: `hub.router.features.features` of the turn.
        cost: What it cost, micro-dollars.
        expected: What price and mean answer let expect when it was routed, micro-dollars.
    """
    bill = learned.bill_of(deployment).paying(vector, cost, expected)
    return replace(learned, bills={**learned.bills, deployment: bill})


def marked(
    learned: Learned,
    deployment: str,
    vector: Floats,
    quality: float,
    weight: float = 1.0,
    purpose: Purpose = Purpose.REPLY,
    replaces: tuple[float, float] | None = None,
) -> Learned:
    """Return what is known after a mark; perhaps days after the turn.

    Args:
        learned: What was known before.
        deployment: Whose answer was marked.
        vector: `hub.router.features.features` of what it answered.
        quality: 0..1.
        weight: 1 for the person's own mark, .5 for a stored one, .3 for "asked again".
        purpose: What the turn was for.
        replaces: Quality and weight of an earlier mark of the same answer that was learned from.
    """
    task = task_of(vector, purpose)
    tallies = learned.tasks.get(task, {})
    tally, before = tallies.get(deployment, UNTRIED), _belief_before(learned, deployment)
    if replaces is None:
        tally, belief = tally.after(quality), before.marked(vector, quality, weight)
    else:
        tally = tally.corrected(quality, replaces[0])
        belief = before.corrected(vector, quality, weight, replaces)
    changed = replace(
        learned,
        beliefs={**learned.beliefs, deployment: belief},
        tasks={**learned.tasks, task: {**tallies, deployment: tally}},
    )
    return _shaken(changed) if belief.drift.alarm else changed


def taught(
    learned: Learned,
    deployment: str,
    vectors: Floats,
    qualities: Sequence[float],
    weight: float,
    purpose: Purpose = Purpose.REPLY,
) -> Learned:
    """Return what is known after the stored marks of one deployment, the oldest first.

    Args:
        learned: What was known before.
        deployment: Whose answers were marked.
        vectors: (n, d): what it answered.
        qualities: n of 0..1.
        weight: Of each.
        purpose: What the turns were for.
    """
    before = _belief_before(learned, deployment)
    belief = replace(before.taught(vectors, qualities, weight), drift=CALM)
    tasks = {task: dict(tallies) for task, tallies in learned.tasks.items()}
    for vector, quality in zip(vectors, qualities, strict=True):
        tallies = tasks.setdefault(task_of(vector, purpose), {})
        tallies[deployment] = tallies.get(deployment, UNTRIED).after(quality)
    return replace(learned, beliefs={**learned.beliefs, deployment: belief}, tasks=tasks)


def _solved(learned: Learned, names: tuple[str, ...]) -> Learned:
    """Work out anew, where it is due, what money is worth between some; the others keep theirs."""
    known, turns = learned.worths.get(names), learned.turns
    if known and turns > _EVERY_TURN and turns // _THEN_EVERY == known.turn // _THEN_EVERY:
        return learned
    worth = worth_of(learned, names)
    if worth is None:
        return learned
    others = [(n, w) for n, w in learned.worths.items() if n != names]
    return replace(learned, worths=dict([*others, (names, worth)][-_MOST_SETS:]))


def worth_of(learned: Learned, names: Sequence[str]) -> Worth | None:
    """Return what money is worth on the last prompts; None: nothing was seen yet."""
    vectors = learned.vectors
    if not len(vectors) or not names:
        return None
    beliefs = learned.beliefs_on(names)
    bills = [learned.bill_of(name) for name in names]
    unknown = np.full(len(vectors), np.nan)
    columns = [
        _filled(learned.expected.get(name, unknown), bill) * bill.factors(vectors)
        for name, bill in zip(names, bills, strict=True)
    ]
    costs = np.column_stack(columns)
    means = [b.mean for b in bills]
    return worth(
        learned.turns,
        [b.hope for b in beliefs],
        [m if b.calls else float(c.mean()) for m, b, c in zip(means, bills, columns, strict=True)],
        np.column_stack([b.expected(vectors) for b in beliefs]),
        np.column_stack([b.doubt(vectors) for b in beliefs]),
        costs,
    )


def _belief_before(learned: Learned, deployment: str) -> Belief:
    """Return a belief to add a mark to; its prior is of the measurement that covers the others too."""
    if deployment in learned.beliefs:
        return learned.beliefs[deployment]
    names = sorted({deployment, *learned.beliefs, *learned.expected})
    return learned.beliefs_on(names)[names.index(deployment)]


def _shaken(learned: Learned) -> Learned:
    """Forget most of everything: who changed is not known, and neither is what else did."""
    beliefs = {name: belief.shaken() for name, belief in learned.beliefs.items()}
    return replace(
        learned, beliefs=beliefs, tasks={}, alert=_ALERT_TURNS, alarms=learned.alarms + 1
    )


def _appended(column: Floats | None, seen: int, value: float) -> Floats:
    before = np.full(seen, np.nan) if column is None else column
    return np.append(before, value)[-WINDOW:]


def _filled(column: Floats, bill: Bill) -> Floats:
    """Fill gaps with the mean of what is known, else with what calls cost."""
    gaps = np.isnan(column)
    if not gaps.any():
        return column
    middle = bill.mean if gaps.all() else float(column[~gaps].mean())
    filled: Floats = np.where(gaps, middle, column)
    return filled
