"""Room at a provider: its rate limits, the calls under way, and the turns that came first."""

from dataclasses import replace

import pytest

from hub.domain.limits import RateLimits
from hub.errors import RoutingError
from hub.router.choose import choose
from hub.router.observe import begin, observe, release
from tests.hub.router.builders import (
    ALL,
    GPT,
    GROK,
    LOCAL,
    MINI,
    NOW,
    SECOND,
    after,
    fact,
    request,
    state,
)

TWO_LEFT = RateLimits(NOW, requests=60, requests_per_s=1, requests_left=2)


def told(seen, name, limits, **changes):
    return observe(seen, fact(name, limits=limits, **changes))


def chosen(seen, now=NOW, deployments=ALL, **changes):
    return choose(request(strategy="cost_optimized", **changes), deployments, seen, now)


def reason(route, deployment):
    return {c.deployment: c.removed for c in route.candidates}[deployment.id]


def test_a_rate_limit_that_is_used_up_removes_that_model_alone_and_says_for_how_long():
    seen = told(state(), MINI.id, TWO_LEFT)
    for _ in range(2):
        seen = begin(seen, MINI.id, 10, NOW)

    route = chosen(seen)

    assert route.deployment == GROK
    assert reason(route, MINI) == "its rate limit leaves no room, 1 s more"
    assert reason(route, GPT) is None
    assert chosen(seen, NOW + SECOND).deployment == MINI


def test_a_call_takes_its_estimate_when_it_is_chosen_and_its_real_count_when_it_ends():
    limits = RateLimits(NOW, tokens=10_000, tokens_per_s=0.001, tokens_left=10_000)
    seen = begin(told(state(), MINI.id, limits), MINI.id, 9_000, NOW)
    assert chosen(seen).deployment == GROK

    ended = observe(seen, fact(MINI.id, estimate=9_000, tokens=1_200))

    assert chosen(ended).deployment == MINI
    assert ended.figures_of(MINI.id).buckets.tokens.left(NOW) == 8_800


def test_what_a_call_took_whose_count_nobody_knows_stays_taken():
    limits = RateLimits(NOW, tokens=10_000, tokens_per_s=0.001, tokens_left=10_000)
    seen = begin(told(state(), MINI.id, limits), MINI.id, 9_000, NOW)

    lost = observe(seen, fact(MINI.id, ok=False, estimate=9_000, tokens=None))

    assert lost.figures_of(MINI.id).buckets.tokens.left(NOW) == 1_000


def test_requests_that_were_repeated_count_each_and_one_never_sent_counts_none():
    seen = begin(told(state(), MINI.id, TWO_LEFT), MINI.id, 0, NOW)

    def left(after_it):
        return after_it.figures_of(MINI.id).buckets.requests.left(NOW)

    assert left(observe(seen, fact(MINI.id, tries=3))) == -1
    assert left(observe(seen, fact(MINI.id, ok=False, tries=0))) == 2
    assert left(release(seen, MINI.id, 10, NOW)) == 2
    assert left(release(seen, MINI.id)) == 1


def test_a_prompt_larger_than_the_limit_goes_when_nothing_else_does():
    small = RateLimits(NOW, tokens=500, tokens_per_s=10, tokens_left=500)

    assert chosen(told(state(), MINI.id, small)).deployment == MINI


def test_a_provider_that_has_as_many_calls_as_it_bears_gives_way():
    seen = state()
    for _ in range(4):
        seen = begin(seen, GPT.id)

    route = chosen(seen)

    assert route.deployment == GROK
    assert reason(route, MINI) == "takes 4 calls at once, 4 are under way"


def test_one_whose_slots_are_known_takes_as_many_as_it_has():
    seen, local = begin(begin(state(), LOCAL.id), LOCAL.id), replace(LOCAL, slots=2)

    with pytest.raises(RoutingError, match="takes 2 calls at once"):
        chosen(seen, deployments=(local,))


def test_a_turn_that_nobody_has_room_for_is_told_where_to_wait_and_until_when():
    seen = told(state(), MINI.id, TWO_LEFT)
    for _ in range(3):
        seen = begin(seen, MINI.id, 0, NOW)
    for _ in range(4):
        seen = begin(seen, GROK.id)

    with pytest.raises(RoutingError, match="critic has to wait: grok") as refused:
        chosen(seen, allowed=("grok", MINI.id))

    assert refused.value.providers == ("grok", "openai")
    assert refused.value.recovers_in_s == 2
    assert refused.value.tokens > 1_000


def test_turns_that_have_waited_longer_go_first():
    seen = begin(state(), MINI.id)

    ahead = {"openai": (3, 1_000)}

    assert chosen(seen, ahead={"openai": (2, 1_000)}).deployment == MINI
    assert reason(chosen(seen, ahead=ahead), MINI).endswith("and 3 turns come first")


def test_a_small_turn_does_not_pass_a_large_one_that_waits_for_tokens():
    limits = RateLimits(NOW, tokens=20_000, tokens_per_s=10, tokens_left=5_000)
    seen = told(state(), MINI.id, limits)

    assert chosen(seen, prompt_tokens=100).deployment == MINI
    assert chosen(seen, prompt_tokens=100, ahead={"openai": (1, 15_000)}).deployment == GROK


def test_a_second_family_that_is_only_busy_is_waited_for():
    seen = state()
    for _ in range(4):
        seen = begin(seen, GROK.id)

    with pytest.raises(RoutingError) as refused:
        chosen(seen, seated=("gpt",))

    assert refused.value.providers == ("grok",)


def test_what_is_out_is_not_waited_for():
    seen = after(state(), GPT.id, "-----")

    with pytest.raises(RoutingError) as refused:
        chosen(seen, provider="openai")

    assert refused.value.providers == ()
