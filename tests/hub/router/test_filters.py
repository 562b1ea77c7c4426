import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import (
    AuthenticationError,
    BudgetRefusedError,
    ModelError,
    RateLimitError,
    RoutingError,
)
from hub.router.breaker import Phase
from hub.router.choose import choose
from hub.router.observe import begin, observe
from tests.hub.router.builders import (
    ALL,
    GPT,
    GROK,
    LOCAL,
    MINI,
    NOW,
    after,
    deployment,
    error,
    fact,
    ids,
    request,
    state,
)


def removed(route) -> dict[str, str]:
    return {c.deployment: c.removed for c in route.candidates if c.removed}


def chosen(deployments=ALL, seen=None, **changes):
    return choose(request(**changes), deployments, seen or state(), NOW)


@pytest.mark.parametrize("name", ["grok", "grok/grok-4.3", "xai", "xai/grok-4.3"])
def test_a_persona_uses_only_what_it_may(name):
    route = chosen(allowed=(name,))

    assert route.deployment == GROK
    assert removed(route) == {GPT.id: "critic may not use it", MINI.id: "critic may not use it"}


def test_a_forced_model_may_be_written_with_or_without_its_provider():
    slashed = deployment("openrouter/openai/gpt-4o", GPT.price)

    assert chosen((GPT, MINI, slashed), model="gpt-4o-mini").deployment == MINI
    assert chosen((GPT, MINI, slashed), model="openai/gpt-4o-mini").deployment == MINI
    assert chosen((MINI, slashed), model="openai/gpt-4o").deployment == slashed


def test_what_the_person_forced_removes_the_rest_with_that_reason():
    assert removed(chosen(provider="grok"))[GPT.id] == "grok was asked for"


def test_a_prompt_that_does_not_fit_the_window_removes_the_deployment():
    small = deployment("lab/tiny", MINI.price, window=4_096)

    route = chosen((small, GPT), prompt_tokens=3_500, max_output=1_000)

    reason = "3500 prompt and 1000 answer tokens exceed its window of 4096"
    assert removed(route) == {small.id: reason}


def test_a_deployment_s_own_output_limit_counts_against_its_window():
    small = deployment("lab/tiny", MINI.price, window=4_096, max_output=512)

    assert chosen((small,), prompt_tokens=3_500, max_output=4_000).deployment == small


def test_an_open_breaker_removes_all_models_of_the_provider():
    seen = after(state(), GPT.id, "-----")

    route = chosen(seen=seen)

    assert route.deployment == GROK
    assert set(removed(route)) == {GPT.id, MINI.id}
    assert all("5 calls in a row failed" in reason for reason in removed(route).values())


def test_half_open_lets_one_call_through_and_no_second():
    seen = after(state(), MINI.id, "-----")
    later = seen.breaker_of("openai").until
    assert seen.breaker_of("openai").phase(later) is Phase.HALF_OPEN

    probe = choose(request(provider="openai"), ALL, seen, later)
    probing = begin(seen, probe.deployment.id)

    assert "a probe is under way" in removed(choose(request(), ALL, probing, later))[MINI.id]


def test_half_open_halves_availability():
    seen = after(state(), MINI.id, "-----")
    later = seen.breaker_of("openai").until

    route = choose(request(provider="openai", model=GPT.model), ALL, seen, later)

    assert route.chosen.availability == 0.475


def test_a_refused_key_removes_its_provider_and_says_what_to_do():
    seen = after(state(), GPT.id, "-", kind=AuthenticationError)

    assert removed(chosen(seen=seen))[MINI.id] == "its key was refused; correct it and restart"


def test_an_unknown_model_removes_that_deployment_alone():
    seen = after(state(), MINI.id, "-", kind=ModelError)

    assert set(removed(chosen(seen=seen))) == {MINI.id}


def test_what_failed_in_this_turn_is_not_tried_again():
    route = chosen(excluded=((MINI.id, "failed: ProviderTimeout"),))

    assert removed(route)[MINI.id] == "failed: ProviderTimeout"


def test_the_embedded_model_serves_alone_or_by_name_only():
    both = (GPT, LOCAL)

    assert chosen((LOCAL,)).deployment == LOCAL
    assert chosen(both, allowed=("openai", "local")).chosen.removed is None
    assert LOCAL.id not in removed(chosen(both, allowed=("openai", "local")))
    assert chosen(both, provider="local").deployment == LOCAL
    assert chosen(both, model="smollm2").deployment == LOCAL
    assert "embedded model" in removed(chosen(both))[LOCAL.id]


def test_the_embedded_model_does_not_step_in_when_the_others_fail():
    seen = after(state(), GPT.id, "-----")

    with pytest.raises(RoutingError, match="embedded model serves when it is asked for"):
        chosen((GPT, LOCAL), seen)


def test_a_family_with_a_seat_gives_way_to_one_without():
    route = chosen(seated=("gpt",))

    assert route.deployment == GROK
    assert removed(route) == {
        GPT.id: "family gpt already has a seat and another family has none",
        MINI.id: "family gpt already has a seat and another family has none",
    }


def test_a_family_keeps_its_next_seat_when_the_other_is_not_healthy():
    seen = after(state(), GROK.id, "-----")

    assert chosen(seen=seen, seated=("gpt",)).deployment == MINI


def test_once_every_family_has_a_seat_cost_decides_again():
    assert chosen(seated=("gpt", "grok")).deployment == MINI


def test_a_second_family_comes_before_cost_even_where_the_answer_must_be_shorter():
    short_of_full = GROK.price.ceiling(1_000, 500)

    assert chosen(seated=("gpt",), headroom=short_of_full).deployment == GROK


def test_a_seated_family_still_stands_by_for_failover():
    assert ids(chosen((MINI, GROK), seated=("gpt",)).chain) == [MINI.id]


def test_what_the_budget_cannot_pay_is_removed():
    route = chosen(headroom=MINI.price.ceiling(1_000, 1_000))

    assert route.deployment == MINI
    assert removed(route)[GPT.id].startswith("the budget cannot pay for it: up to $0.0051, $0.00")


def test_a_full_answer_comes_before_a_shorter_one_from_a_better_score():
    seen = state("performance_optimized")
    seen = observe(seen, fact(GPT.id, first_token_s=0.1, latency_s=0.5))

    route = chosen(seen=seen, headroom=GPT.price.ceiling(1_000, 500))

    assert route.deployment != GPT
    assert removed(route)[GPT.id] == "the budget cannot pay for it in full length"


def test_a_shorter_answer_comes_before_none():
    assert chosen((GPT,), headroom=GPT.price.ceiling(1_000, 300)).deployment == GPT


def test_an_empty_budget_refuses_as_a_budget_and_lists_each_candidate():
    with pytest.raises(
        BudgetRefusedError, match=r"grok/grok-4\.3.*openai/gpt-4o .*Raise the budget"
    ):
        chosen(headroom=0)


def test_an_unknown_price_is_refused_under_a_cap_and_says_how_to_set_one():
    with pytest.raises(BudgetRefusedError, match="price is unknown; `gitbridge prices set` gives"):
        chosen((deployment("ollama/qwen3:8b", None),), headroom=10**9)


def test_with_nobody_left_every_candidate_is_named_with_its_reason_and_the_recovery():
    seen = observe(state(), fact(GROK.id, ok=False), error(RateLimitError, 20))
    excluded = ((GPT.id, "failed: ProviderTimeout"), (MINI.id, "failed: ProviderTimeout"))

    with pytest.raises(RoutingError) as caught:
        chosen(seen=seen, excluded=excluded)

    assert str(caught.value) == (
        "No deployment can serve critic now: grok/grok-4.3 (rests after a rate limit, 20 s more); "
        "openai/gpt-4o, openai/gpt-4o-mini (failed: ProviderTimeout)."
    )
    assert caught.value.recovers_in_s == 20


@given(
    allowed=st.sampled_from([(), ("openai",), ("grok/grok-4.3", "openai/gpt-4o")]),
    provider=st.none() | st.sampled_from(["openai", "grok"]),
    headroom=st.none() | st.integers(0, 50_000),
    prompt=st.integers(1, 200_000),
    seated=st.sets(st.sampled_from(["gpt", "grok"])),
    failures=st.sets(st.sampled_from([d.id for d in ALL])),
    outages=st.sampled_from(["", "-", "-----"]),
)
def test_no_removed_deployment_ever_wins_or_stands_by_without_its_reason(
    allowed, provider, headroom, prompt, seated, failures, outages
):
    seen = after(state(), GPT.id, outages)
    excluded = tuple((name, "failed before") for name in sorted(failures))
    route, refused = None, ""
    try:
        route = chosen(
            seen=seen,
            allowed=allowed,
            provider=provider,
            headroom=headroom,
            prompt_tokens=prompt,
            seated=tuple(sorted(seated)),
            excluded=excluded,
        )
    except (RoutingError, BudgetRefusedError) as refusal:
        refused = str(refusal)

    if route is None:
        assert all(d.id in refused for d in ALL)
        return
    assert route.chosen.removed is None
    assert route.chosen.deployment == route.deployment.id
    assert sorted(c.deployment for c in route.candidates) == sorted(ids(ALL))
    assert failures.isdisjoint([route.deployment.id, *ids(route.chain)])
