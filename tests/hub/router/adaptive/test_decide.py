import math
from dataclasses import replace

import numpy as np
import pytest

from hub.domain.route import Pacing
from hub.router.adaptive.decide import DRAWS, Option, Question, decide
from hub.router.adaptive.draws import uniforms
from hub.router.adaptive.learned import NOTHING
from hub.router.adaptive.pace import MARGIN, affordable
from hub.router.features import CODE
from tests.hub.router.adaptive.worlds import NAMES, World, lived, taught

SPLIT = World(cheap=(0.9, 0.4), dear=(0.9, 0.9))
"""The dear one is worth its price on code alone."""
BLIND = World(cheap=(0.6, 0.6), dear=(0.8, 0.8))
"""Prompts say nothing about who answers well."""
OPTIONS = [Option(n, c) for n, c in zip(NAMES, SPLIT.costs, strict=True)]


def vector(code, seed=0):
    found = SPLIT.vectors(1, np.random.default_rng(seed))[0]
    found[CODE] = 2.0 * code
    return found


def test_with_money_for_half_of_the_prompts_it_goes_where_it_helps():
    learned = taught(SPLIT, 300)

    _, quality, spent = lived(SPLIT, learned, 400, budget=550.0)

    assert quality > SPLIT.mix(550.0) + 0.08
    assert spent <= 1.01


@pytest.mark.parametrize("budget", [150.0, 300.0, 550.0, 800.0, 1_000.0])
def test_where_nothing_can_be_learned_it_is_as_good_as_the_lottery(budget):
    found = [lived(BLIND, taught(BLIND, 300, seed), 400, budget, seed) for seed in range(3)]

    assert np.mean([quality for _, quality, _ in found]) > BLIND.mix(budget) - 0.012
    assert max(spent for _, _, spent in found) <= 1.05


def test_the_same_question_gives_the_same_decision():
    learned = taught(SPLIT, 60)
    question = Question("seed", vector(1), pacing=Pacing(500.0, 10, 4_000.0))

    assert decide(learned, question, OPTIONS).gains == decide(learned, question, OPTIONS).gains


@pytest.mark.parametrize("paced", [None, Pacing(550.0, 100, 52_000.0), Pacing(80.0, 50, 4_100.0)])
def test_each_option_is_judged_as_the_formula_says(paced):
    learned, names = taught(SPLIT, 200), [option.name for option in OPTIONS]
    for seed in range(20):
        asked = Question(str(seed), vector(seed % 2, seed), pacing=paced)
        decision = decide(learned, asked, OPTIONS)
        beliefs = learned.beliefs_on(names)

        qualities = [float(b.expected(asked.vector[None])[0]) for b in beliefs]
        doubts = [float(b.doubt(asked.vector[None])[0]) for b in beliefs]
        costs = [o.expected * learned.bill_of(o.name).factor(asked.vector) for o in OPTIONS]
        _, low, high = uniforms(asked.seed, DRAWS, 3)[:, 0]
        radius, angle = math.sqrt(-2.0 * math.log(low)), 2.0 * math.pi * high
        noises = radius * math.cos(angle), radius * math.sin(angle)
        price, drawn = decision.learning.price, names.index(decision.learning.lottery)
        value = [
            q + 0.15 * d * noise - price * c
            for q, d, noise, c in zip(qualities, doubts, noises, costs, strict=True)
        ]
        margins = [MARGIN * math.hypot(d, doubts[drawn]) for d in doubts]
        gains = [v - value[drawn] - m for v, m in zip(value, margins, strict=True)]
        gains[drawn] = 0.0

        assert decision.qualities == pytest.approx(qualities)
        assert decision.doubts == pytest.approx(doubts)
        assert decision.costs == pytest.approx(costs)
        allowed = [place for place, may in enumerate(affordable(costs, paced)) if may]
        best = max(allowed, key=gains.__getitem__)
        assert decision.chosen == best
        for place in allowed:
            certain = 1e-6 if place == best else 0.0
            assert decision.gains[place] == pytest.approx(gains[place], abs=1e-9 + certain)


def test_the_propensity_is_the_share_of_64_draws_that_choose_as_the_first_does():
    learned = taught(BLIND, 300)
    pacing = Pacing(550.0, 100, 52_000.0)
    even = BLIND.vectors(1, np.random.default_rng(4))[0]
    found = [decide(learned, Question(str(s), even, pacing=pacing), OPTIONS) for s in range(400)]

    assert all(d.propensity * DRAWS == round(d.propensity * DRAWS) >= 1 for d in found)
    dear = [d for d in found if d.chosen == 1]
    frequency = len(dear) / len(found)
    assert 0.1 < frequency < 0.9
    assert np.mean([d.propensity for d in dear]) == pytest.approx(frequency, abs=0.08)


def test_the_chosen_one_has_the_largest_gain():
    learned = taught(SPLIT, 40)
    for seed in range(50):
        question = Question(str(seed), vector(seed % 2, seed), explore=True)
        decision = decide(learned, question, OPTIONS)

        assert max(range(2), key=lambda i: decision.gains[i]) == decision.chosen


def test_without_a_budget_a_clear_gain_in_quality_is_bought_and_none_is_not():
    learned = taught(SPLIT, 400)

    assert NAMES[decide(learned, Question("s", vector(1)), OPTIONS).chosen] == "p/dear"
    dear = [Option(NAMES[0], 100.0), Option(NAMES[1], 500_000.0)]
    assert decide(learned, Question("s", vector(0)), dear).chosen == 0


def test_what_cannot_be_afforded_now_is_not_chosen():
    learned = taught(SPLIT, 200)
    broke = Pacing(500.0, 100, 70_000.0)

    decision = decide(learned, Question("s", vector(1), pacing=broke), OPTIONS)

    assert decision.chosen == 0
    assert decision.learning.bank < 0


def test_an_unreliable_or_slow_one_loses_to_its_equal():
    learned = NOTHING
    plain, shaky = Option("a/x", 100.0), Option("b/x", 100.0, availability=0.5)
    slow = Option("b/x", 100.0, latency_s=60.0)

    assert decide(learned, Question("s", vector(0)), [plain, shaky]).chosen == 0
    assert decide(learned, Question("s", vector(0)), [plain, slow]).chosen == 0


def test_where_all_are_good_enough_price_and_latency_decide_and_it_is_said():
    perfect = World(cheap=(1.0, 1.0), dear=(1.0, 1.0))
    learned = taught(perfect, 200)

    cheap = decide(learned, Question("s", vector(0)), OPTIONS)
    quick = [Option(NAMES[0], 100.0, latency_s=9.0), Option(NAMES[1], 110.0, latency_s=1.0)]
    fast = decide(learned, Question("s", vector(0)), quick)

    assert (cheap.chosen, cheap.learning.saturated, cheap.propensity) == (0, True, 1.0)
    assert (fast.chosen, fast.learning.saturated) == (1, True)


def test_trying_out_happens_only_where_the_person_asked_for_it():
    learned = taught(SPLIT, 300)
    asked = [
        decide(learned, Question(str(s), vector(0, s), explore=True), OPTIONS) for s in range(1_000)
    ]
    unasked = [decide(learned, Question(str(s), vector(0, s)), OPTIONS) for s in range(300)]

    explored = sum(d.learning.explored for d in asked)
    assert 2 <= explored <= 25
    assert min(d.propensity for d in asked) >= 0.005
    assert not any(d.learning.explored for d in unasked)


def test_after_an_alarm_more_is_tried_out():
    learned = replace(taught(SPLIT, 60), alert=100)
    found = [
        decide(learned, Question(str(s), vector(0, s), explore=True), OPTIONS) for s in range(1_000)
    ]

    assert 25 <= sum(d.learning.explored for d in found) <= 80


def test_a_budget_before_anything_was_seen_is_kept_by_what_is_affordable():
    question = Question("s", vector(1), pacing=Pacing(150.0))

    assert decide(NOTHING, question, OPTIONS).chosen == 0


def test_one_option_is_chosen_for_certain():
    decision = decide(NOTHING, Question("s", vector(0)), [Option("a/x", 5.0)])

    assert (decision.chosen, decision.propensity) == (0, 1.0)
