"""The learned policy behind `choose`: filters, order, figures, and the sentence that explains it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.ids import TurnId
from hub.domain.route import Pacing, Route
from hub.router.adaptive.learned import NOTHING, charged, marked, routed
from hub.router.choose import choose
from hub.router.features import features
from hub.storage.codec import decode, encode
from tests.hub.router.builders import (
    ALL,
    GPT,
    GROK,
    LOCAL,
    MINI,
    NOW,
    after,
    deployment,
    price,
    request,
    state,
)

CODE = "Why does `def f(x): return x` fail for {}?"
TALK = "Who wrote the {}th letter, and to whom?"
NINE = tuple(deployment(f"p{i}/m{i}", price(1 + i, 2 + i)) for i in range(9))


def learned_of(deployments=ALL, better=GPT.id, marks=80):
    """Return what is known after marks in which one deployment alone is good at code."""
    learned = NOTHING
    for number in range(marks):
        for text, code in ((CODE, True), (TALK, False)):
            vector = features(text.format(number))
            for d in deployments:
                good = d.id == better or not code
                cost = d.price.expected(1_000, 400)
                learned = marked(learned, d.id, vector, 1.0 if good else 0.2)
                learned = charged(learned, d.id, vector, cost, cost)
            learned = routed(
                learned, vector, {d.id: d.price.expected(1_000, 400) for d in deployments}
            )
    return learned


KNOWN = replace(state("adaptive"), learned=learned_of())


def chosen(text=CODE, seen=KNOWN, deployments=ALL, **changes):
    return choose(request(text=text.format(7), **changes), deployments, seen, NOW)


def test_marks_send_code_to_whom_it_succeeds_with_and_talk_to_the_cheapest():
    assert chosen(CODE).deployment == GPT
    assert chosen(TALK).deployment == MINI


def test_what_hybrid_weighs_is_not_said_of_a_learned_choice():
    assert chosen(CODE).weights == {}


@given(
    order=st.permutations((*ALL, LOCAL)),
    turn=st.text("0123456789abcdef", min_size=4, max_size=4),
    paced=st.none() | st.floats(100, 9_000),
    headroom=st.none() | st.integers(500, 20_000),
    text=st.sampled_from([CODE, TALK, ""]),
)
def test_order_changes_nothing_and_no_filtered_one_wins(order, turn, paced, headroom, text):
    seen = after(KNOWN, GROK.id, "-----")
    changes = {
        "turn_id": TurnId(turn),
        "pacing": None if paced is None else Pacing(paced, 9, 8 * paced),
        "headroom": headroom,
    }

    route = chosen(text, seen, (*ALL, LOCAL), **changes)

    assert chosen(text, seen, tuple(order), **changes) == route
    assert route.chosen.removed is None
    assert route.deployment not in (GROK, LOCAL)
    assert 0 < route.propensity <= 1


def test_without_marks_published_priors_are_the_start_and_the_route_says_so():
    route = chosen(seen=state("adaptive"), deployments=(GPT, MINI))

    assert route.reason.startswith("adaptive, from published priors as nothing is marked yet: ")
    assert {c.deployment: c.quality for c in route.candidates} == {GPT.id: 0.718, MINI.id: 0.632}
    assert route.learning.marks == 0


def test_without_marks_and_priors_it_is_hybrid_and_says_so():
    route = chosen(seen=state("adaptive"), deployments=ALL)

    assert route.reason.startswith("adaptive has no marks of these yet, so hybrid: ")
    assert route.learning is None


def test_every_figure_that_led_there_is_recorded_and_survives_the_journal():
    route = chosen(CODE, pacing=Pacing(6_000.0, 10, 50_000.0))

    assert decode(Route, encode(route)) == route
    assert route.learning.rate == pytest.approx(6_066.7, abs=0.1)
    assert route.learning.bank == pytest.approx(28_000.0)
    assert route.learning.lottery in {d.id for d in ALL}
    for candidate in route.candidates:
        assert candidate.listed == candidate.cost != 0
        assert 0 < candidate.quality < 1.1
        assert candidate.doubt > 0
        assert 0 < candidate.mean_quality < 1


def test_the_reason_names_what_decided():
    half = Pacing(3_600.0, 100, 340_000.0)
    routes = [chosen(CODE, turn_id=TurnId(str(n)), pacing=half) for n in range(40)]
    left = next(r.reason for r in routes if r.learning.lottery == MINI.id)
    kept = next(r.reason for r in routes if r.learning.lottery == GPT.id)

    assert left.startswith("adaptive: gpt-4o is clearly worth more here than openai/gpt-4o-mini (")
    assert kept.startswith("adaptive: gpt-4o is what $0.0037 a turn is best spent on (cost $0.0065")
    assert chosen(CODE).reason.startswith("adaptive: gpt-4o is worth its price (cost $0.0065, ")
    assert chosen(CODE).reason.endswith("; next gpt-4o-mini.")


def test_a_route_that_was_drawn_to_learn_says_so():
    seen = replace(KNOWN, policy=replace(KNOWN.policy, explore=True))
    routes = [chosen(CODE, seen, turn_id=TurnId(str(n))) for n in range(400)]
    explored = [r for r in routes if r.learning.explored]

    assert explored
    assert all("was drawn to learn more about it" in r.reason for r in explored)
    assert {r.deployment.id for r in explored} <= {d.id for d in ALL}


def test_saturation_is_said():
    perfect = replace(state("adaptive"), learned=learned_of(better="", marks=60))
    route = chosen(TALK, perfect)

    assert route.deployment == MINI
    assert (
        "gpt-4o-mini does best on price and latency alone, as all are good enough" in route.reason
    )


def test_a_pace_that_affords_only_the_cheapest_takes_it():
    route = chosen(CODE, pacing=Pacing(400.0, 50, 30_000.0))

    assert route.deployment == MINI
    assert "is what $0.00" in route.reason


def test_an_unknown_price_is_the_last_choice():
    unpriced = deployment("ollama/qwen3:8b", None)

    route = chosen(CODE, deployments=(*ALL, unpriced))

    assert route.candidates[-1].deployment == unpriced.id
    assert route.candidates[-1].quality is None


def test_where_no_price_is_known_quality_decides():
    free = tuple(replace(d, price=None) for d in ALL)

    assert chosen(CODE, deployments=free).deployment.id == GPT.id


def test_a_family_with_a_seat_stays_in_reserve():
    route = chosen(CODE, seated=("gpt",))

    assert route.deployment == GROK
    assert {d.id for d in route.chain} == {GPT.id, MINI.id}


def test_a_forced_deployment_is_recorded_as_forced_though_much_is_known():
    route = chosen(CODE, provider="grok")

    assert (route.strategy, route.learning) == ("forced", None)


def test_other_strategies_look_at_nothing_that_was_learned():
    route = chosen(CODE, strategy="cost_optimized")

    assert route.deployment == MINI
    assert (route.learning, route.chosen.quality) == (None, None)


def test_a_learned_cost_replaces_the_listed_one():
    learned = KNOWN.learned
    for number in range(60):
        vector = features(TALK.format(number))
        learned = charged(learned, MINI.id, vector, 1_170.0, 390.0)

    route = chosen(TALK, replace(KNOWN, learned=learned), deployments=(MINI, GPT))

    mini = next(c for c in route.candidates if c.deployment == MINI.id)
    assert mini.listed == 390
    assert mini.cost > 500


def test_nine_deployments_are_as_good_as_two():
    seen = replace(state("adaptive"), learned=learned_of(NINE, NINE[4].id, 40))

    assert chosen(CODE, seen, NINE).deployment == NINE[4]


def test_where_marks_are_of_others_alone_it_does_not_say_that_there_are_none():
    route = chosen(deployments=(NINE[0], NINE[1]))

    assert route.reason.startswith("adaptive has no marks of these yet, so hybrid: ")
