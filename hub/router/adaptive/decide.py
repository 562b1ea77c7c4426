"""The learned choice: start from the best static mix, leave it only for what is clearly better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hub.domain.route import Learning, Pacing
from hub.domain.turn import Purpose
from hub.router.adaptive.belief import Belief
from hub.router.adaptive.draws import normals, uniforms
from hub.router.adaptive.knowledge import Decision
from hub.router.adaptive.learned import Learned, worth_of
from hub.router.adaptive.pace import FREE_HAND, MARGIN, affordable, bank, rate
from hub.router.adaptive.saturation import Tally, saturated, task_of
from hub.router.features import Floats

DRAWS = 64
"""Draws that the propensity is counted on; the first one decides."""
_CURIOSITY = 0.15
_PER_SECOND = 0.002
_EXPLORED = 0.01
_EXPLORED_ON_ALERT = 0.05
_CERTAIN = 1e-6


class Option(NamedTuple):
    """One deployment that may be chosen."""

    name: str
    expected: float
    """Cost that its price and mean answer let expect, micro-dollars."""
    availability: float = 1.0
    """0..1."""
    latency_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One turn, as the learned policy sees it."""

    seed: str
    vector: Floats
    purpose: Purpose = Purpose.REPLY
    pacing: Pacing | None = None
    explore: bool = False
    """True where the person pays for trying others out."""


class _Figures(NamedTuple):
    qualities: Floats
    doubts: Floats
    costs: Floats
    availability: Floats
    latency_s: Floats


class _Lottery(NamedTuple):
    low: int
    high: int
    share: float
    price: float


def decide(learned: Learned, question: Question, options: Sequence[Option]) -> Decision:
    """Choose one of the options; the same question gives the same decision.

    Args:
        learned: What is known.
        question: The turn.
        options: Those that may be chosen, in order of name.
    """
    names = [option.name for option in options]
    beliefs = learned.beliefs_on(names)
    figures = _figures(learned, question.vector, options, beliefs)
    task = task_of(question.vector, question.purpose)
    tallies = [learned.tasks.get(task, {}).get(name, Tally()) for name in names]
    if level := saturated(tallies, figures.costs.tolist()):
        figures = figures._replace(qualities=np.ones(len(options)), doubts=np.zeros(len(options)))
    lottery = _lottery(learned, question, names, beliefs, figures, level=level)
    allowed = affordable(figures.costs, question.pacing)
    gains, drawn = _gains(question.seed, figures, lottery, allowed)
    wins = gains.argmax(1)
    explored = _explored(learned, question, allowed)
    chosen = int(wins[0]) if explored is None else explored
    pacing = question.pacing
    return Decision(
        chosen=chosen,
        gains=_scores(gains[0], chosen),
        costs=tuple(figures.costs.tolist()),
        qualities=tuple(figures.qualities.tolist()),
        doubts=tuple(figures.doubts.tolist()),
        means=tuple(b.mean for b in beliefs),
        propensity=_propensity(learned, question, float((wins == chosen).mean()), allowed),
        learning=Learning(
            lottery=names[int(drawn[0])],
            price=lottery.price,
            rate=None if pacing is None else rate(pacing),
            bank=None if pacing is None else bank(pacing),
            task=task,
            saturated=level,
            explored=explored is not None,
            marks=sum(b.marks for b in beliefs),
        ),
    )


def _figures(
    learned: Learned, vector: Floats, options: Sequence[Option], beliefs: Sequence[Belief]
) -> _Figures:
    corrections = [learned.bill_of(o.name).factor(vector) for o in options]
    return _Figures(
        np.array([b.weights for b in beliefs]) @ vector,
        np.array([b.doubt_of(vector) for b in beliefs]),
        np.array([o.expected * c for o, c in zip(options, corrections, strict=True)]),
        np.array([o.availability for o in options]),
        np.array([o.latency_s for o in options]),
    )


def _lottery(
    learned: Learned,
    question: Question,
    names: Sequence[str],
    beliefs: Sequence[Belief],
    figures: _Figures,
    *,
    level: bool,
) -> _Lottery:
    """Return the mix of two at this rate, and the price of money; without a budget, one of them."""
    price = FREE_HAND
    if question.pacing is not None:
        worth = learned.worth
        if worth is None or worth.names != tuple(names):
            worth = worth_of(learned, names)
        if worth is not None:
            low, high, share, price = worth.at(rate(question.pacing))
            if not level:
                return _Lottery(low, high, share, price)
    means = figures.qualities if level else np.array([b.mean for b in beliefs])
    price = max(price, FREE_HAND)
    value = figures.availability * means - price * figures.costs - _PER_SECOND * figures.latency_s
    best = int(value.argmax())
    return _Lottery(best, best, 0.0, price)


def _gains(
    seed: str, figures: _Figures, lottery: _Lottery, allowed: Floats
) -> tuple[Floats, Floats]:
    """Return (draws, options) advantages over the lottery's choice, and what the lottery drew."""
    many = len(allowed)
    chance = uniforms(seed, DRAWS, 1 + many + many % 2)
    noise = normals(chance[:, 1:])[:, :many]
    believed = figures.qualities + _CURIOSITY * figures.doubts * noise
    value = (
        figures.availability * believed
        - lottery.price * figures.costs
        - _PER_SECOND * figures.latency_s
    )
    drawn = np.where(chance[:, 0] < lottery.share, lottery.high, lottery.low)
    cheapest = int(np.where(allowed > 0.0, figures.costs, np.inf).argmin())
    drawn = np.where(allowed[drawn] > 0.0, drawn, cheapest)
    rows = np.arange(DRAWS)
    margin = MARGIN * np.hypot(figures.doubts, figures.doubts[drawn][:, None])
    gains = value - value[rows, drawn][:, None] - margin
    gains[:, allowed == 0.0] = -np.inf
    gains[rows, drawn] = 0.0
    return gains, drawn


def _explored(learned: Learned, question: Question, allowed: Floats) -> int | None:
    """Return the place of one to try out, or None."""
    if not question.explore:
        return None
    whether, which = uniforms(f"{question.seed}\0explore", 1, 2)[0]
    if whether >= _share_explored(learned):
        return None
    places = np.flatnonzero(allowed > 0.0)
    return int(places[int(which * len(places))])


def _share_explored(learned: Learned) -> float:
    return _EXPLORED_ON_ALERT if learned.alert else _EXPLORED


def _propensity(learned: Learned, question: Question, wins: float, allowed: Floats) -> float:
    if not question.explore:
        return wins
    share = _share_explored(learned)
    return (1.0 - share) * wins + share / int((allowed > 0.0).sum())


def _scores(gains: Floats, chosen: int) -> tuple[float, ...]:
    """Return finite scores of which the chosen one's is the largest."""
    finite = gains[np.isfinite(gains)]
    scores = np.where(np.isfinite(gains), gains, float(finite.min()) - 1.0)
    others = np.delete(scores, chosen)
    if len(others):
        scores[chosen] = max(scores[chosen], float(others.max()) + _CERTAIN)
    return tuple(scores.tolist())
