"""What else the recorded answers show: panels, few marks, repeated samples, colluders."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.consensus_data import Committee, Question
from benchmarks.consensus_replay import Replay
from benchmarks.consensus_stats import percent
from hub.consensus.early_stop import enough_samples, window_agrees
from hub.domain.decision import Rule

Figures = dict[str, Any]
SURE = (0.9, 0.95, 0.99)
MARKS = (30, 100, 300)
_MARK_SEEDS, _DRAWN_MARK_SEEDS = 60, 20
_SCORED = 1_000
_SAMPLES = 40
_QUESTIONS = 1_000
_SEVEN = 7


def panels(replay: Replay) -> list[Figures]:
    """Return what a panel loses to asking everybody, and what it saves, per posterior."""
    found = []
    everybody = replay.learned((Rule.WEIGHTED,), 0, stop=False)[Rule.WEIGHTED]
    for sure in SURE:
        panel = replay.learned((Rule.PANEL,), 0, stop=True, sure=sure)[Rule.PANEL]
        found.append(
            {
                "sure": sure,
                "right": percent(panel.hits),
                "all_asked": percent(everybody.hits),
                "calls": percent(panel.calls / len(replay.seats)),
                "chars": round(float(panel.chars.sum() / max(1.0, replay.chars.sum())) * 100, 2),
            }
        )
    return found


def few_marks(replay: Replay) -> dict[str, float]:
    """Return how often `auto` is right on others, knowing that many marked decisions.

    One draw of 30 marks may be two to three points off, so it is the mean of many.
    """

    def right(marks: int, seed: int) -> float:
        return percent(replay.marked(Rule.AUTO, marks, seed, most=_SCORED).hits)

    seeds = range(_DRAWN_MARK_SEEDS if replay.committee.drawn else _MARK_SEEDS)
    return {
        str(marks): round(float(np.mean([right(marks, seed) for seed in seeds])), 2)
        for marks in MARKS
        if marks * 2 <= len(replay.questions)
    }


def samples(name: str, questions: Sequence[Question]) -> Figures:
    """Stop drawing answers by the Beta rule and by ESC, against drawing all.

    The data hold one answer of each model, so all models of a set, in an order drawn for each
    question, stand in for one agent's repeated samples.
    """
    asked = questions[:_QUESTIONS]
    right: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for question in asked:
        answers = [answer for answer in question.answers.values() if answer]
        random.Random(f"{name} {question.id}").shuffle(answers)  # noqa: S311  a draw to repeat
        answers = answers[:_SAMPLES]
        stops = {
            "all": len(answers),
            "beta": next((n for n in _sizes(answers) if enough_samples(answers[:n])), len(answers)),
            "window": next(
                (n for n in _sizes(answers) if window_agrees(answers[:n])), len(answers)
            ),
        }
        for rule, n in stops.items():
            right[rule] += _credit(answers[:n], question.gold)
            drawn[rule] += n
    return {
        rule: {
            "right": round(right[rule] / len(asked) * 100, 2),
            "samples": round(drawn[rule] / len(asked), 2),
        }
        for rule in ("all", "beta", "window")
    }


def _sizes(answers: Sequence[str]) -> range:
    return range(1, len(answers) + 1)


def _credit(answers: Sequence[str], gold: str) -> Any:
    """Return 1 where plurality is right, a part of it where it is level."""
    counts = Counter(answers)
    most = max(counts.values(), default=0)
    level = [answer for answer, n in counts.items() if n == most]
    return (gold in level) / max(1, len(level))


def colluders(questions: Sequence[Question], members: Sequence[str]) -> list[Figures]:
    """Let f of seven agree on one wrong answer each time, and see who notices."""
    found = []
    for colluding in range(_SEVEN // 2 + 1):
        bad = tuple(members[:colluding])
        replay = Replay([_fooled(q, bad) for q in questions], Committee("", tuple(members)))
        learned = replay.learned((Rule.WEIGHTED, Rule.DAWID_SKENE), 0, stop=False)
        found.append(
            {
                "colluders": colluding,
                "plurality": percent(replay.unlearned(Rule.PLURALITY).hits),
                **{rule.value: percent(column.hits) for rule, column in learned.items()},
            }
        )
    return found


def _fooled(question: Question, bad: Sequence[str]) -> Question:
    """Return the question with the same wrong answer from each colluder."""
    others = sorted({a for a in question.answers.values() if a and a != question.gold})
    lie = others[0] if others else "a lie"
    return replace(question, answers={**question.answers, **dict.fromkeys(bad, lie)})
