"""The learned choice: start from the best static mix, leave it only for what is clearly better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hub.domain.route import Learning, Pacing
from hub.domain.turn import Purpose
from hub.router.adaptive.bill import factors_of
from hub.router.adaptive.draws import normals, uniforms
from hub.router.adaptive.knowledge import Decision
from hub.router.adaptive.learned import Learned, worth_of
from hub.router.adaptive.pace import FREE_HAND, MARGIN, affordable, bank, rate
from hub.router.adaptive.panel import Panel, side_by_side
from hub.router.adaptive.saturation import UNTRIED, saturated, task_of
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
    """In plain numbers where there are as many as options: arrays that small cost by their number."""

    qualities: list[float]
    doubts: Floats
    costs: list[float]
    availability: list[float]
    latency_s: list[float]


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
    names = tuple([option.name for option in options])
    panel = side_by_side(tuple(learned.beliefs_on(names)))
    figures = _figures(learned, question.vector, options, panel)
    task = task_of(question.vector, question.purpose)
    on_task = learned.tasks.get(task, {})
    if level := saturated([on_task.get(name, UNTRIED) for name in names], figures.costs):
        figures = figures._replace(qualities=[1.0] * len(options), doubts=np.zeros(len(options)))
    lottery = _lottery(learned, question, names, panel, figures, level=level)
    pacing = question.pacing
    allowed = affordable(figures.costs, pacing)
    gains, drawn = _gains(question.seed, figures, lottery, allowed)
    wins = gains.argmax(0)
    explored = _explored(learned, question, allowed)
    chosen = int(wins[0]) if explored is None else explored
    won = int(np.count_nonzero(wins == chosen)) / DRAWS
    return Decision(
        chosen=chosen,
        gains=_scores(gains[:, 0].tolist(), chosen),
        costs=tuple(figures.costs),
        qualities=tuple(figures.qualities),
        doubts=tuple(figures.doubts.tolist()),
        means=panel.means,
        propensity=_propensity(learned, question, won, allowed),
        learning=Learning(
            lottery=names[drawn],
            price=lottery.price,
            rate=None if pacing is None else rate(pacing),
            bank=None if pacing is None else bank(pacing),
            task=task,
            saturated=level,
            explored=explored is not None,
            marks=panel.marks,
        ),
    )


def _figures(learned: Learned, vector: Floats, options: Sequence[Option], panel: Panel) -> _Figures:
    corrections = factors_of(tuple([learned.bill_of(o.name) for o in options]), vector)
    return _Figures(
        panel.qualities(vector).tolist(),
        panel.doubts(vector),
        [o.expected * c for o, c in zip(options, corrections, strict=True)],
        [o.availability for o in options],
        [o.latency_s for o in options],
    )


def _lottery(
    learned: Learned,
    question: Question,
    names: tuple[str, ...],
    panel: Panel,
    figures: _Figures,
    *,
    level: bool,
) -> _Lottery:
    """Return the mix of two at this rate, and the price of money; without a budget, one of them."""
    price = FREE_HAND
    if question.pacing is not None:
        worth = learned.worths.get(names) or worth_of(learned, names)
        if worth is not None:
            low, high, share, price = worth.at(rate(question.pacing))
            if not level:
                return _Lottery(low, high, share, price)
    price = max(price, FREE_HAND)
    means = figures.qualities if level else panel.means
    columns = zip(figures.availability, means, figures.costs, figures.latency_s, strict=True)
    value = [a * m - price * c - _PER_SECOND * s for a, m, c, s in columns]
    best = value.index(max(value))
    return _Lottery(best, best, 0.0, price)


def _gains(
    seed: str, figures: _Figures, lottery: _Lottery, allowed: list[bool]
) -> tuple[Floats, int]:
    """Return (options, draws) advantages over the lottery's choice, and what it drew first."""
    many, doubts = len(allowed), figures.doubts
    chance = uniforms(seed, DRAWS, 1 + many + many % 2)
    value = normals(chance[1:])[:many]  # from here on in place
    quality, available, cost, wait = np.array(
        [
            figures.qualities,
            figures.availability,
            [lottery.price * c for c in figures.costs],
            [_PER_SECOND * s for s in figures.latency_s],
        ]
    )[:, :, None]
    value *= (_CURIOSITY * doubts)[:, None]
    value += quality
    value *= available
    value -= cost
    value -= wait
    corners = [lottery.low, lottery.high]
    if not all(allowed):
        cheapest = min((c, place) for place, c in enumerate(figures.costs) if allowed[place])[1]
        corners = [end if allowed[end] else cheapest for end in corners]
        value[[not may for may in allowed]] = -np.inf
    margins = MARGIN * np.hypot(doubts[:, None], doubts[corners])
    margins[corners[0], 0] = margins[corners[1], 1] = 0.0  # the lottery's own gains nothing
    high = chance[0] < lottery.share
    value -= np.where(high, value[corners[1]], value[corners[0]])
    value -= np.where(high, margins[:, 1:], margins[:, :1])
    return value, corners[bool(high[0])]


def _explored(learned: Learned, question: Question, allowed: list[bool]) -> int | None:
    """Return the place of one to try out, or None."""
    if not question.explore:
        return None
    whether, which = uniforms(f"{question.seed}\0explore", 1, 2)[:, 0]
    if whether >= _share_explored(learned):
        return None
    places = [place for place, may in enumerate(allowed) if may]
    return places[int(which * len(places))]


def _share_explored(learned: Learned) -> float:
    return _EXPLORED_ON_ALERT if learned.alert else _EXPLORED


def _propensity(learned: Learned, question: Question, wins: float, allowed: list[bool]) -> float:
    if not question.explore:
        return wins
    share = _share_explored(learned)
    return (1.0 - share) * wins + share / sum(allowed)


def _scores(gains: list[float], chosen: int) -> tuple[float, ...]:
    """Return finite scores of which the chosen one's is the largest."""
    last = min(gain for gain in gains if gain != -math.inf) - 1.0
    scores = [last if gain == -math.inf else gain for gain in gains]
    others = scores[:chosen] + scores[chosen + 1 :]
    if others:
        scores[chosen] = max(scores[chosen], max(others) + _CERTAIN)
    return tuple(scores)
