"""One stream of prompts under a budget: the shipped policy sees each once, and one answer to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.routing_data import Recorded
from hub.domain.route import Pacing
from hub.router.adaptive.decide import Option, Question, decide
from hub.router.adaptive.learned import WINDOW, Learned, charged, marked, routed, taught, worth_of
from hub.router.features import Floats

STORED = 0.5
"""Weight of a mark that was there before the stream."""
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Run:
    """What one stream came to."""

    quality: float
    """Mean score."""
    spent: float
    """Share of the budget that was spent."""
    alarms: int = 0
    last_quarter: float = 0.0
    """Mean score of the last quarter of the stream."""


@dataclass(frozen=True, slots=True, eq=False)
class Warm:
    """What the policy knows before the stream, and what it expects a call to cost."""

    learned: Learned
    usual: Floats
    """(k,), micro-dollars."""


def cold(recorded: Recorded) -> Warm:
    """Return a policy that was told nothing but list prices (here: the mean cost of each model)."""
    return Warm(Learned(), recorded.costs.mean(0))


def warmed(recorded: Recorded, rows: Ints, names: Sequence[str] = ()) -> Warm:
    """Return a policy that has the stored marks and bills of all models on some prompts.

    Args:
        recorded: The set.
        rows: Of the prompts.
        names: What the policy knows the models by; without them, names that have no published
            prior: some of those come from these very sets.
    """
    names = names or aliases(recorded)
    vectors, usual = recorded.vectors[rows], recorded.costs[rows].mean(0)
    learned = Learned()
    for place, model in enumerate(names):
        scores = recorded.scores[rows, place].tolist()
        learned = taught(learned, model, vectors, scores, STORED)
        for vector, cost in zip(vectors, recorded.costs[rows, place].tolist(), strict=True):
            learned = charged(learned, model, vector, cost, float(usual[place]))
    expected = {m: np.full(len(rows), usual[k]) for k, m in enumerate(names)}
    learned = replace(
        learned,
        vectors=vectors[-WINDOW:],
        expected={model: column[-WINDOW:] for model, column in expected.items()},
    )
    apart = tuple(sorted(names))
    worth = worth_of(learned, apart)
    return Warm(replace(learned, worths={apart: worth} if worth else {}), usual)


def stream(
    recorded: Recorded, order: Ints, warm: Warm, budget: float, seed: int, *, swapped: bool = False
) -> Run:
    """Route the prompts in order, learning from each answer that was paid for.

    Args:
        recorded: The set.
        order: Rows of the prompts.
        warm: What the policy knows before the first.
        budget: Micro-dollars a prompt.
        seed: Of the policy's draws.
        swapped: True: half-way the two cheapest models exchange their scores.
    """
    names = aliases(recorded)
    places = range(len(names))
    usual = {name: float(warm.usual[place]) for name, place in zip(names, places, strict=True)}
    options = [Option(name, usual[name]) for name in names]
    exchanged = _exchanged(recorded) if swapped else recorded.scores
    learned, spent, scores = warm.learned, 0.0, np.zeros(len(order))
    for turn, row in enumerate(order):
        vector = recorded.vectors[row]
        question = Question(f"{seed}\0{turn}", vector, pacing=Pacing(budget, turn, spent))
        chosen = decide(learned, question, options).chosen
        name, place = names[chosen], places[chosen]
        cost = float(recorded.costs[row, place])
        score = float((exchanged if 2 * turn >= len(order) else recorded.scores)[row, place])
        learned = routed(learned, vector, usual)
        learned = charged(learned, name, vector, cost, usual[name])
        learned = marked(learned, name, vector, score)
        spent += cost
        scores[turn] = score
    quarter = scores[-len(order) // 4 :]
    return Run(
        float(scores.mean()),
        spent / (budget * len(order)),
        learned.alarms - warm.learned.alarms,
        float(quarter.mean()),
    )


def by_litellm(
    recorded: Recorded, order: Ints, seed: int, *, quality: float = 0.7
) -> tuple[float, float]:
    """Return mean score and cost, micro-dollars, of LiteLLM's adaptive rule, told the true task.

    Beta posteriors by task and model: 10 marks of prior at .3, .5, .7 by tier (here: by cost), a
    hard cap of 200; .7 of a Thompson draw + .3 of how cheap the model is among all.

    Source: BerriAI/litellm, router_strategy/adaptive_router, bandit.py and config.py.
    """
    rng = np.random.default_rng(seed)
    costs = recorded.costs.mean(0)
    cheap = 1.0 - (costs - costs.min()) / max(float(np.ptp(costs)), 1e-12)
    tier = np.argsort(np.argsort(costs)) / max(1, len(costs) - 1)
    start = np.column_stack([0.3 + 0.4 * tier, 0.7 - 0.4 * tier]) * 10.0
    cells: dict[str, Floats] = {}
    scores, paid = 0.0, 0.0
    for row in order:
        cell = cells.setdefault(recorded.tasks[row], start.copy())
        draw = rng.beta(cell[:, 0], cell[:, 1])
        chosen = int((quality * draw + (1.0 - quality) * cheap).argmax())
        score = float(recorded.scores[row, chosen])
        if cell[chosen].sum() + 1.0 <= 200.0:  # noqa: PLR2004  its cap
            cell[chosen] += (score, 1.0 - score)
        scores += score
        paid += float(recorded.costs[row, chosen])
    return scores / len(order), paid / len(order)


def aliases(recorded: Recorded) -> list[str]:
    """Return a name for each model that says nothing about it, in order."""
    return [f"recorded/{place}" for place in range(len(recorded.models))]


def mean(values: Sequence[float]) -> float:
    """Return the mean of some figures."""
    return float(np.mean(values))


def _exchanged(recorded: Recorded) -> Floats:
    first, second = np.argsort(recorded.costs.mean(0))[:2]
    scores = recorded.scores.copy()
    scores[:, [first, second]] = scores[:, [second, first]]
    return scores
