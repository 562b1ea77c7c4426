from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.ids import TurnId
from hub.errors import UsageError
from hub.router.choose import CHAIN, FORCED, choose
from hub.router.observe import begin, observe
from hub.router.outcomes import Outcomes
from hub.router.state import Figures
from hub.router.strategies import STRATEGIES
from tests.hub.router.builders import (
    ALL,
    GPT,
    GROK,
    LOCAL,
    MINI,
    NOW,
    after,
    deployment,
    fact,
    ids,
    price,
    request,
    state,
)

TWINS = tuple(deployment(f"p{i}/same", price(1, 2)) for i in range(4))


def chosen(deployments=ALL, seen=None, **changes):
    return choose(request(**changes), deployments, seen or state(), NOW)


@given(
    order=st.permutations((*ALL, LOCAL, *TWINS)),
    name=st.sampled_from(sorted(STRATEGIES)),
    turn=st.text("0123456789abcdef", min_size=4, max_size=4),
    calls=st.lists(st.tuples(st.sampled_from((*ALL, *TWINS)), st.sampled_from("+-")), max_size=4),
    provider=st.none() | st.sampled_from(["openai", "p1"]),
    seated=st.sets(st.sampled_from(["gpt", "grok", "same"])),
)
def test_the_order_in_which_deployments_are_listed_changes_nothing(
    order, name, turn, calls, provider, seated
):
    seen = state(name)
    for served, outcome in calls:
        seen = after(seen, served.id, outcome)
    asked = request(turn_id=TurnId(turn), provider=provider, seated=tuple(sorted(seated)))

    first = choose(asked, (*ALL, LOCAL, *TWINS), seen, NOW)

    assert choose(asked, tuple(order), seen, NOW) == first


def test_a_draw_is_decided_by_seed_and_turn_and_shared_out_evenly():
    wins = dict.fromkeys(ids(TWINS), 0)
    for number in range(400):
        wins[chosen(TWINS, turn_id=TurnId(f"turn{number}")).deployment.id] += 1

    assert all(60 <= times <= 140 for times in wins.values())
    assert chosen(TWINS) == chosen(TWINS)


def test_a_drawn_route_says_so_and_records_its_propensity():
    route = chosen(TWINS)

    assert route.propensity == 0.25
    assert route.reason.endswith("and drawn by lot.")
    assert chosen(ALL).propensity == 1.0


def test_equal_scores_go_to_the_more_available_then_to_the_cheaper():
    seen = after(state("performance_optimized"), TWINS[0].id, "+")
    seen = observe(seen, fact(TWINS[1].id))
    seen = after(seen, TWINS[1].id, "+")

    assert chosen(TWINS[:2], seen).deployment == TWINS[1]
    assert chosen((GPT, GROK), state("performance_optimized")).deployment == GROK


def test_candidates_are_ordered_by_score_and_the_removed_come_last():
    route = chosen((*ALL, LOCAL))

    scores = [c.score for c in route.candidates if c.removed is None]
    assert route.deployment == MINI
    assert route.chosen.deployment == MINI.id
    assert scores == sorted(scores, reverse=True)
    assert route.candidates[-1].deployment == LOCAL.id


def test_each_candidate_carries_its_figures_and_unmeasured_speed_is_none():
    seen = observe(state(), fact(GPT.id))

    figures = {c.deployment: c for c in chosen(seen=seen).candidates}

    assert figures[GPT.id].latency_s > 0
    assert figures[MINI.id].latency_s is None
    assert figures[MINI.id].cost == MINI.price.expected(1_000, 400)
    assert figures[MINI.id].ceiling == MINI.price.ceiling(1_000, 1_000)
    assert figures[MINI.id].availability == 0.95


def test_the_chain_takes_another_provider_first_and_three_at_most():
    others = (deployment("lab/dear", price(50, 50)), *TWINS)

    assert ids(chosen().chain) == [GROK.id, GPT.id]
    assert len(chosen((*ALL, *others)).chain) == CHAIN
    assert all(d.provider != "openai" for d in chosen((*ALL, *others)).chain)


def test_the_chain_is_empty_where_nothing_else_can_serve():
    assert chosen((GPT, LOCAL)).chain == ()


def test_the_reason_names_strategy_figures_and_runner_up():
    seen = observe(observe(state(), fact(MINI.id)), fact(GROK.id))

    reason = chosen((MINI, GROK), seen).reason

    assert reason == (
        "hybrid: gpt-4o-mini scores .99 (cost $0.00036, 7.5 s, 96 % available); "
        "next grok-4.3 with .66."
    )


def test_the_reason_says_that_speed_was_not_measured():
    assert "speed not measured yet" in chosen().reason


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cost_optimized", "cost_optimized: gpt-4o-mini costs least (cost $0.00039, 95 %"),
        ("performance_optimized", "gpt-4o-mini is fastest (speed not measured yet); level with"),
        ("availability_optimized", "gpt-4o-mini works most often (95 % available); level with"),
        ("round_robin", "round_robin: grok-4.3 is next in turn"),
        ("adaptive", "adaptive has no marks of these yet, so hybrid: gpt-4o-mini scores"),
    ],
)
def test_every_strategy_explains_itself_in_one_line(name, words):
    reason = chosen(strategy=name).reason

    assert words in reason
    assert "\n" not in reason
    assert reason.endswith(".")


def test_two_providers_of_the_same_model_are_told_apart():
    assert "p1/same" in chosen(TWINS[1:3]).reason
    assert "p2/same" in chosen(TWINS[1:3]).reason


def test_a_tie_names_what_decided_it():
    free = deployment("ollama/free", None)
    by_speed = "performance_optimized"
    failed_once = Figures(outcomes=Outcomes(bits=0, n=1))
    seen = replace(state(), figures={TWINS[1].id: failed_once})

    worse = chosen((GPT, GROK), strategy=by_speed).reason
    unknown = chosen((GROK, free), strategy=by_speed).reason
    rarer = chosen(TWINS[1:3], seen, strategy=by_speed).reason

    assert "level with gpt-4o, which costs more (cost $0.0065)" in worse
    assert "level with free, whose cost is unknown" in unknown
    assert "level with p1/same, which works less often (" in rarer


def test_an_only_candidate_is_said_to_be_the_only_one():
    reason = chosen((GPT, LOCAL)).reason

    assert "gpt-4o is the only one of 2 configured that can serve this turn" in reason


def test_adaptive_without_marks_is_hybrid_and_is_recorded_as_adaptive():
    adaptive = chosen(strategy="adaptive")
    hybrid = chosen(strategy="hybrid")

    assert adaptive.strategy == "adaptive"
    assert adaptive.candidates == hybrid.candidates


def test_a_forced_provider_with_one_model_skips_the_strategy():
    route = chosen(provider="grok")

    assert route.strategy == FORCED
    assert route.reason.startswith("forced: grok was asked for, and grok/grok-4.3 serves it (")


def test_a_forced_model_is_recorded_without_repeating_it():
    reason = chosen(provider="openai", model="gpt-4o").reason

    assert reason.startswith("forced: openai/gpt-4o was asked for (cost $0.0065, ")
    assert chosen(provider="openai", model="openai/gpt-4o").reason == reason


def test_a_forced_provider_with_several_models_leaves_the_strategy_the_choice_among_them():
    route = chosen(provider="openai", strategy="cost_optimized")

    assert route.deployment == MINI
    assert route.strategy == "cost_optimized"
    assert route.reason.startswith("openai was asked for; cost_optimized: ")


def test_a_request_s_own_strategy_comes_before_the_configured_one():
    assert chosen(strategy="round_robin").strategy == "round_robin"


def test_an_unknown_strategy_is_refused():
    with pytest.raises(UsageError, match="no strategy 'cheap'"):
        chosen(strategy="cheap")


def test_choosing_changes_nothing_that_it_was_given():
    seen = after(state(), MINI.id, "+-")
    before = repr(seen)

    chosen(seen=seen)

    assert repr(seen) == before


def test_a_busy_deployment_loses_to_an_idle_equal():
    seen = state("performance_optimized")
    seen = after(after(seen, TWINS[0].id, "+"), TWINS[1].id, "+")
    for _ in range(3):
        seen = begin(seen, TWINS[0].id)

    assert chosen(TWINS[:2], seen).deployment == TWINS[1]
