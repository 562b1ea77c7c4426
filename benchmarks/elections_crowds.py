"""Whether our Dawid-Skene says what crowd-kit's says, on simulated voters.

Any label may be the right one. crowd-kit's one-coin model is not quite CONSENSUS's: it learns how
common each label is, where our options have nothing in common from one decision to the next; it does
not smooth skills, so that of three voters one may come out infallible; and it ends at the first round
that its bound does not gain by, while that bound counts the labels' shares once per vote instead of
once per question. So it is run twice. With labels alike, skills smoothed and the true bound, all else being
its own code, each posterior must be ours. As it comes, labels differ where voters are few or weak;
there both end points are judged by that bound: the log density of the skills, given the votes.
"""

from __future__ import annotations

import importlib
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from hub.consensus.learning.calibration import Recorded, Voted
from hub.consensus.learning.dawid_skene import LEAST, MOST, ROUNDS, one_coin
from hub.consensus.learning.matrix import Floats, Matrix, matrix
from hub.domain.decision import Seat

_SIMULATIONS, _ITEMS, _LABELS = 30, 300, 4
_STILL = 1e-13
_CLOSE = 1e-5
_LEVEL = 1e-3
"""Chances that two answers may differ by where either may be called the likelier."""


def crowds() -> dict[str, Any]:
    """Let voters of different skill answer questions, and compare what is made of it."""
    theirs = importlib.import_module("crowdkit.aggregation")
    frames = importlib.import_module("pandas")
    draw = random.Random(1)  # noqa: S311  simulations to repeat, not a secret
    alike: Counter[str] = Counter()
    gap = {"posterior": 0.0, "skill": 0.0}
    likelier = 0
    for _ in range(_SIMULATIONS):
        said = _answers(draw)
        frame = frames.DataFrame(
            [(t, w, label) for t, row in enumerate(said) for w, label in enumerate(row)],
            columns=["task", "worker", "label"],
        )
        items = _items(said)
        chance, skill = one_coin(items)
        ours = _by_label(said, chance)
        same = _same_model(theirs, items)(n_iter=ROUNDS, tol=_STILL).fit(frame)
        other = same.probas_.reindex(index=range(_ITEMS), columns=range(_LABELS)).to_numpy()
        gap["posterior"] = max(gap["posterior"], _widest(ours - other))
        gap["skill"] = max(gap["skill"], _widest(skill - same.skills_.sort_index().to_numpy()))
        as_it_comes = theirs.OneCoinDawidSkene(n_iter=ROUNDS, tol=1e-8).fit(frame)
        found = {
            "same model": other.argmax(axis=1),
            "OneCoinDawidSkene": _column(as_it_comes.labels_),
            "DawidSkene": _column(theirs.DawidSkene(n_iter=ROUNDS, tol=1e-8).fit_predict(frame)),
        }
        for name, labels in found.items():
            chosen = ours[np.arange(_ITEMS), labels]
            alike[name] += int((chosen >= ours.max(axis=1) - _LEVEL).sum())
        majority = _column(theirs.MajorityVote().fit_predict(frame))
        alike["MajorityVote"] += sum(m in _most(row) for m, row in zip(majority, said, strict=True))
        end = as_it_comes.skills_.sort_index().to_numpy()
        likelier += _density(items, skill) >= _density(items, end) - _CLOSE
    total = _SIMULATIONS * _ITEMS
    return {
        "labels": total,
        "alike": {name: round(n / total, 4) for name, n in sorted(alike.items())},
        "widest_gap": {name: float(f"{value:.2g}") for name, value in gap.items()},
        "simulations": _SIMULATIONS,
        "ours_as_likely_or_likelier": likelier,
    }


def agree(found: dict[str, Any]) -> bool:
    """Tell whether nothing differs that should be the same."""
    alike: dict[str, float] = found["alike"]
    gap: float = found["widest_gap"]["posterior"]
    return alike["same model"] == alike["MajorityVote"] == 1 and gap < _CLOSE


def _same_model(theirs: Any, items: Matrix) -> Any:
    """Return crowd-kit's one-coin model with labels alike, and skills smoothed as ours are."""

    class Smoothed(theirs.OneCoinDawidSkene):  # type: ignore[misc]  # not installed beside mypy
        @staticmethod
        def _e_step(data: Any, priors: Any, errors: Any) -> Any:
            return theirs.DawidSkene._e_step(data, priors * 0 + 1 / len(priors), errors)  # noqa: SLF001

        @staticmethod
        def _m_step(data: Any, probas: Any) -> Any:
            mean = theirs.OneCoinDawidSkene._m_step(data, probas)  # noqa: SLF001
            cast = data.groupby("worker").size()
            return ((mean * cast + 1) / (cast + 2)).clip(LEAST, MOST)

        def _evidence_lower_bound(self, data: Any, probas: Any, priors: Any, errors: Any) -> float:
            del probas, priors
            skill = errors.xs(0, level="label")[0].sort_index().to_numpy()
            return _density(items, skill) * len(data)

    return Smoothed


def _answers(draw: random.Random) -> list[list[int]]:
    """Return what each of three to nine voters says to each question; any label may be right."""
    skills = [draw.uniform(0.35, 0.95) for _ in range(draw.randint(3, 9))]
    said = []
    for _ in range(_ITEMS):
        right = draw.randrange(_LABELS)
        wrong = [label for label in range(_LABELS) if label != right]
        said.append([right if draw.random() < s else draw.choice(wrong) for s in skills])
    return said


def _items(said: Sequence[Sequence[int]]) -> Matrix:
    seats = tuple(Seat(str(worker)) for worker in range(len(said[0])))
    return matrix(
        tuple(
            Recorded(
                str(task),
                "",
                _LABELS,
                tuple(Voted(str(w), "", None, str(label)) for w, label in enumerate(row)),
            )
            for task, row in enumerate(said)
        ),
        seats,
    )


def _by_label(said: Sequence[Sequence[int]], chance: Floats) -> Floats:
    """Return (n, labels) chances: options are numbered as they come up, and the rest share what is
    left.
    """  # noqa: D205  one sentence
    found = np.empty((len(said), _LABELS))
    for task, row in enumerate(said):
        order = list(dict.fromkeys(row))
        of = chance[task, : len(order)]
        found[task] = (1 - of.sum()) / max(1, _LABELS - len(order))
        found[task, order] = of
    return found


def _density(items: Matrix, skill: Floats) -> float:
    """Return the log of how likely the votes make these skills, per question; larger is better.

    Every label is as likely, and skills are Beta(2, 2) beforehand, which is what the smoothing says.
    """
    p = np.clip(skill, LEAST, MOST)
    wrong = np.log((1 - p) / (_LABELS - 1))
    named = items.named
    unseen = _LABELS - (named.max(axis=1) > 0).sum(axis=1)
    each = np.where(
        named.max(axis=1) > 0, np.einsum("m,nmk->nk", np.log(p) - wrong, named), -np.inf
    )
    likelihood = np.log(np.exp(each).sum(axis=1) + unseen) + wrong.sum() - np.log(_LABELS)
    return float((likelihood.sum() + np.log(p * (1 - p)).sum()) / len(items))


def _column(labels: Any) -> Any:
    return labels.sort_index().to_numpy()


def _widest(difference: Floats) -> float:
    return float(np.abs(difference).max())


def _most(said: Sequence[int]) -> set[int]:
    counts = Counter(said)
    return {label for label, n in counts.items() if n == max(counts.values())}
