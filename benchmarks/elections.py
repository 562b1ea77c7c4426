"""Whether our rules say what others' implementations say, on random elections.

`make elections`, or `python -m benchmarks.elections [--elections N] [--json]` where `pref_voting` and
`crowd-kit` are installed. Winners under plurality, Borda, instant runoff and Schulze must be the same
sets as pref_voting's. Its ranked pairs names whoever wins under some order of equal margins; ours
draws one order, so its winners must be among them, and be the same where no two wins are equal. They
are found by Zavist and Tideman's stacks: its default goes through all orders, of which two voters who
contradict each other on five options leave 20!, for it takes draws as wins both ways. What voters of
unknown skill answer is compared in `elections_crowds`. Exit 1 where anything differs that should not.
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

from benchmarks.elections_crowds import agree, crowds
from hub.consensus.profile import Count, Profile, profile_of
from hub.consensus.rules.borda import borda
from hub.consensus.rules.pairwise import margins
from hub.consensus.rules.ranked_pairs import ranked_pairs
from hub.consensus.rules.runoff import runoff
from hub.consensus.rules.schulze import schulze
from hub.consensus.rules.votes import votes
from hub.domain.decision import Ballot, Option, Proposal, Rule

EQUAL: dict[str, Callable[[Profile], Count]] = {
    "plurality": votes,
    "borda": borda,
    "instant_runoff_put": runoff,
    "beat_path": schulze,
}
"""By pref_voting's name."""
_MOST_OPTIONS, _MOST_VOTERS = 5, 15
_TOLD_EVERY = 1_000
_OPTIONS = tuple(Option(f"option {n}") for n in range(_MOST_OPTIONS))
_NUMBERS = {option.id: number for number, option in enumerate(_OPTIONS)}


def elections(n: int) -> dict[str, Any]:
    """Hold random elections and count those in which a rule differs."""
    theirs = importlib.import_module("pref_voting.voting_methods")
    profiles = importlib.import_module("pref_voting.profiles")
    draw = random.Random(0)  # noqa: S311  elections to repeat, not a secret
    differ = Counter(dict.fromkeys((*EQUAL, "ranked_pairs"), 0))
    tied = one_order = 0
    for number in range(n):
        options = draw.randint(2, _MOST_OPTIONS)
        rankings = [
            draw.sample(range(options), options) for _ in range(draw.randint(1, _MOST_VOTERS))
        ]
        profile = _profile(rankings, options, str(number))
        other = profiles.Profile(rankings)
        for name, rule in EQUAL.items():
            differ[name] += _winners(rule(profile)) != set(getattr(theirs, name)(other))
        found = _winners(ranked_pairs(profile))
        stacks = set(theirs.ranked_pairs(other, algorithm="from_stacks"))
        alone = _has_one_order(profile)
        differ["ranked_pairs"] += found != stacks if alone else not found <= stacks
        one_order += alone
        tied += len(_winners(votes(profile))) > 1
        if (number + 1) % _TOLD_EVERY == 0:
            _tell(f"{number + 1:,} of {n:,} elections")
    return {
        "elections": n,
        "tied_first": tied,
        "ranked_pairs_with_one_order": one_order,
        "differ": dict(differ),
    }


def _tell(how_far: str) -> None:
    if sys.stderr.isatty():
        print(how_far, file=sys.stderr)


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


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elections", description=__doc__)
    parser.add_argument("--elections", type=int, default=10_000, help="(default 10,000)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args(argv)
    try:
        found = elections(arguments.elections)
        _tell("voters of unknown skill ...")
        found |= crowds()
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: `make elections` does that.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; nothing was compared to the end.", file=sys.stderr)
        return 130
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
    return 0 if agree(found) and not any(found["differ"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
