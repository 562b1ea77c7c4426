"""Small worlds with known answers, for the learned policy to live in."""

from dataclasses import dataclass

import numpy as np

from hub.domain.route import Pacing
from hub.router.adaptive.decide import Option, Question, decide
from hub.router.adaptive.learned import Learned, charged, marked, routed
from hub.router.features import CODE, DIMENSION


@dataclass(frozen=True)
class World:
    """Two deployments: `cheap` and `dear`; quality by whether the prompt is code."""

    cheap: tuple[float, float]
    """Chance of a good answer on text and on code."""
    dear: tuple[float, float]
    costs: tuple[float, float] = (100.0, 1_000.0)
    code: float = 0.5

    def vectors(self, count, rng):
        """Return prompts: noise, and a flag for code."""
        found = rng.normal(0.0, 0.7, (count, DIMENSION))
        found[:, 0] = 1.0
        found[:, CODE:] = 0.0
        found[:, CODE] = 2.0 * (rng.random(count) < self.code)
        return found

    def chance(self, place, vector):
        quality = (self.cheap, self.dear)[place]
        return quality[1] if vector[CODE] > 0 else quality[0]

    def mix(self, budget):
        """Return the expected quality of the best static mix."""
        means = [q[0] + self.code * (q[1] - q[0]) for q in (self.cheap, self.dear)]
        share = min(1.0, max(0.0, (budget - self.costs[0]) / (self.costs[1] - self.costs[0])))
        return means[0] + max(0.0, share * (means[1] - means[0]))


NAMES = ("p/cheap", "p/dear")


def taught(world, marks, seed=0, learned=None):
    """Return what is known after both were marked and paid on the same prompts."""
    rng = np.random.default_rng(seed)
    learned = learned or Learned()
    for vector in world.vectors(marks, rng):
        for place, name in enumerate(NAMES):
            good = float(rng.random() < world.chance(place, vector))
            learned = marked(learned, name, vector, good)
            learned = charged(learned, name, vector, world.costs[place], world.costs[place])
        learned = routed(learned, vector, dict(zip(NAMES, world.costs, strict=True)))
    return learned


def lived(world, learned, turns, budget, seed=1):
    """Stream turns; return what is known after, mean chance of a good answer, share spent."""
    rng = np.random.default_rng(seed)
    options = [Option(n, c) for n, c in zip(NAMES, world.costs, strict=True)]
    expected, spent, total = dict(zip(NAMES, world.costs, strict=True)), 0.0, 0.0
    for turn, vector in enumerate(world.vectors(turns, rng)):
        pacing = Pacing(budget, turn, spent)
        place = decide(learned, Question(f"{seed} {turn}", vector, pacing=pacing), options).chosen
        chance = world.chance(place, vector)
        learned = routed(learned, vector, expected)
        learned = charged(learned, NAMES[place], vector, world.costs[place], world.costs[place])
        learned = marked(learned, NAMES[place], vector, float(rng.random() < chance))
        spent += world.costs[place]
        total += chance
    return learned, total / turns, spent / (budget * turns)
