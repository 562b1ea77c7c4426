"""Whether our rules say what others' implementations say, on random elections.

`make elections`, or `python -m benchmarks.elections [--elections N] [--json]` where `pref_voting` and
`crowd-kit` are installed. Winners under plurality, Borda, instant runoff and Schulze must be the same
sets as pref_voting's, and so must those of ranked pairs where no two margins are equal (some third of
them): pref_voting tries every order of equal ones, for half a minute where there are 120. Plurality
and one-coin Dawid-Skene are compared with crowd-kit on simulated voters; its estimates are not
smoothed, so labels may differ where two answers are all but level. Exit 1 where an election differs,
or more than one label in a hundred.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hub.consensus.learning.calibration import Calibration, Recorded, Voted
from hub.consensus.learning.dawid_skene import one_coin
from hub.consensus.learning.matrix import matrix
from hub.consensus.profile import Count, Profile, profile_of
from hub.consensus.rules.borda import borda
from hub.consensus.rules.pairwise import margins
from hub.consensus.rules.ranked_pairs import ranked_pairs
from hub.consensus.rules.runoff import runoff
from hub.consensus.rules.schulze import schulze
from hub.consensus.rules.votes import votes
from hub.domain.decision import Ballot, Option, Proposal, Rule, Seat

EQUAL: dict[str, Callable[[Profile], Count]] = {
    "plurality": votes,
    "borda": borda,
    "instant_runoff_put": runoff,
    "beat_path": schulze,
}
"""By pref_voting's name."""
_MOST_OPTIONS, _MOST_VOTERS = 5, 15
_SIMULATIONS, _ITEMS, _LABELS = 30, 300, 4
_LEAST_ALIKE = 0.99
_OPTIONS = tuple(Option(f"option {n}") for n in range(_MOST_OPTIONS))
_NUMBERS = {option.id: number for number, option in enumerate(_OPTIONS)}


def elections(n: int) -> dict[str, Any]:
    """Hold random elections and count those in which a rule differs."""
    theirs = importlib.import_module("pref_voting.voting_methods")
    profiles = importlib.import_module("pref_voting.profiles")
    draw = random.Random(0)  # noqa: S311  elections to repeat, not a secret
    differ: Counter[str] = Counter()
    tied = orders = 0
    for number in range(n):
        options = draw.randint(2, _MOST_OPTIONS)
        rankings = [
            draw.sample(range(options), options) for _ in range(draw.randint(1, _MOST_VOTERS))
        ]
        profile = _profile(rankings, options, str(number))
        other = profiles.Profile(rankings)
        for name, rule in EQUAL.items():
            differ[name] += _winners(rule(profile)) != set(getattr(theirs, name)(other))
        if _has_one_order(profile):
            orders += 1
            found = _winners(ranked_pairs(profile))
            differ["ranked_pairs"] += found != set(theirs.ranked_pairs(other))
        tied += len(_winners(votes(profile))) > 1
    return {
        "elections": n,
        "tied_first": tied,
        "ranked_pairs_compared": orders,
        "differ": {r: differ[r] for r in (*EQUAL, "ranked_pairs")},
    }


def _has_one_order(profile: Profile) -> bool:
    """Tell whether no two margins are equal, so that pairs can be taken in one order alone."""
    found = [margin for margin in margins(profile).values() if margin > 0]
    return len(set(found)) == len(found)


def _profile(rankings: Sequence[Sequence[int]], options: int, seed: str) -> Profile:
    names = tuple(f"v{n}" for n in range(len(rankings)))
    proposal = Proposal("?", _OPTIONS[:options], names, Rule.BORDA, seed=seed)
    ballots = [
        Ballot(voter, 1, None, ranking=tuple(_OPTIONS[o].id for o in ranking))
        for voter, ranking in zip(names, rankings, strict=True)
    ]
    return profile_of(proposal, ballots)


def _winners(count: Count) -> set[int]:
    return {_NUMBERS[option] for option in count.leaders}


def labels() -> dict[str, Any]:
    """Let voters of different skill label questions, and compare what is made of it."""
    theirs = importlib.import_module("crowdkit.aggregation")
    frames = importlib.import_module("pandas")
    draw = random.Random(1)  # noqa: S311  simulations to repeat, not a secret
    alike: Counter[str] = Counter()
    gap = 0.0
    for _ in range(_SIMULATIONS):
        skills = [draw.uniform(0.35, 0.95) for _ in range(draw.randint(3, 9))]
        said = [[_answer(draw, skill) for skill in skills] for _ in range(_ITEMS)]
        frame = frames.DataFrame(
            [(t, w, label) for t, row in enumerate(said) for w, label in enumerate(row)],
            columns=["task", "worker", "label"],
        )
        ours, p = _one_coin(said)
        model = theirs.OneCoinDawidSkene(n_iter=200, tol=1e-8).fit(frame)
        full = theirs.DawidSkene(n_iter=200, tol=1e-8).fit_predict(frame)
        alike["OneCoinDawidSkene"] += sum(model.labels_[t] == ours[t] for t in range(_ITEMS))
        alike["DawidSkene"] += sum(full[t] == ours[t] for t in range(_ITEMS))
        gap = max(gap, *(abs(float(model.skills_[w]) - p[w]) for w in range(len(skills))))
        majority = theirs.MajorityVote().fit_predict(frame)
        alike["MajorityVote"] += sum(majority[t] in _most(said[t]) for t in range(_ITEMS))
    total = _SIMULATIONS * _ITEMS
    shares = {name: round(n / total, 4) for name, n in sorted(alike.items())}
    return {"labels": total, "alike": shares, "widest_gap_in_skill": round(gap, 4)}


def _answer(draw: random.Random, skill: float) -> str:
    """Return `0`, the right answer, or one of the others."""
    return "0" if draw.random() < skill else str(draw.randrange(1, _LABELS))


def _most(said: Sequence[str]) -> set[str]:
    counts = Counter(said)
    return {label for label, n in counts.items() if n == max(counts.values())}


def _one_coin(said: Sequence[Sequence[str]]) -> tuple[list[str], list[float]]:
    """Return our labels and chances of being right."""
    seats = tuple(Seat(str(worker)) for worker in range(len(said[0])))
    rows = tuple(
        Recorded(
            str(t),
            "",
            _LABELS,
            tuple(Voted(str(w), "", None, label) for w, label in enumerate(row)),
        )
        for t, row in enumerate(said)
    )
    chance, p = one_coin(matrix(Calibration(rows).rows, seats))
    found = []
    for row, of in zip(said, chance, strict=True):
        order = list(dict.fromkeys(row))
        found.append(order[int(of[: len(order)].argmax())])
    return found, [float(value) for value in p]


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elections", description=__doc__)
    parser.add_argument("--elections", type=int, default=10_000, help="(default 10,000)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args(argv)
    try:
        found = {**elections(arguments.elections), **labels()}
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: `make elections` does that.", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
    differ = any(found["differ"].values()) or found["alike"]["MajorityVote"] < 1
    return 1 if differ or found["alike"]["OneCoinDawidSkene"] < _LEAST_ALIKE else 0


if __name__ == "__main__":
    raise SystemExit(main())
