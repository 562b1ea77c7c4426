import pytest

from hub.config import Weights
from hub.domain.ids import TurnId
from hub.errors import QuotaError, RateLimitError, RoutingError, UsageError
from hub.router.router import SmartRouter
from tests.fakes.clock import FakeClock
from tests.hub.router.builders import ALL, GPT, GROK, MINI, error, fact, request


def router(clock: FakeClock, **changes) -> SmartRouter:
    settings = {"strategy": "hybrid", "weights": Weights(), "clock": clock, "seed": "seed"}
    return SmartRouter(ALL, **(settings | changes))


def test_the_strategy_can_be_switched_while_it_runs(clock):
    smart = router(clock)

    smart.strategy = "round_robin"

    assert smart.strategy == "round_robin"
    assert smart.choose(request()).strategy == "round_robin"


def test_an_unknown_strategy_is_refused_at_the_start_and_later(clock):
    smart = router(clock)

    with pytest.raises(UsageError):
        router(clock, strategy="best")
    with pytest.raises(UsageError):
        smart.strategy = "best"
    assert smart.strategy == "hybrid"


def test_it_switches_away_from_a_provider_that_dies_and_back_when_it_recovers(clock):
    smart = router(clock)
    for _ in range(5):
        smart.started(MINI.id, TurnId("t1"), 0)
        smart.observe(fact(MINI.id, ok=False, at=clock.now()), error())
    assert smart.choose(request()).deployment == GROK

    clock.tick(15)
    for _ in range(2):
        assert smart.choose(request(provider="openai")).deployment == MINI
        smart.started(MINI.id, TurnId("t1"), 0)
        smart.observe(fact(MINI.id, at=clock.now()))

    assert smart.choose(request()).deployment == MINI


def test_a_probe_that_is_stopped_makes_room_for_the_next(clock):
    smart = router(clock)
    for _ in range(5):
        smart.observe(fact(MINI.id, ok=False, at=clock.now()), error())
    clock.tick(15)
    smart.started(MINI.id, TurnId("t1"), 0)
    with pytest.raises(RoutingError, match="a probe is under way"):
        smart.choose(request(provider="openai"))

    smart.released(MINI.id)

    assert smart.choose(request(provider="openai")).deployment == MINI


@pytest.mark.fault(17)
@pytest.mark.parametrize("jump_s", [-86_400, 86_400], ids=["back", "ahead"])
def test_rests_end_when_their_time_has_passed_however_the_clock_is_set(clock, jump_s):
    smart = router(clock)
    clock.shift(jump_s)
    smart.observe(fact(GPT.id, ok=False, at=clock.now()), error(RateLimitError, retry_after_s=20))
    clock.shift(-2 * jump_s)

    with pytest.raises(RoutingError, match="20 s more") as refused:
        smart.choose(request(provider="openai"))
    clock.tick(20)

    assert refused.value.recovers_in_s == 20
    assert smart.choose(request(provider="openai")).deployment in (GPT, MINI)


def test_a_probe_after_a_rest_is_waited_for(clock):
    smart = router(clock)
    smart.observe(fact(GPT.id, ok=False), error(RateLimitError, retry_after_s=20))
    clock.tick(20)
    smart.started(GPT.id, TurnId("t1"), 0)

    with pytest.raises(RoutingError, match="a probe is under way") as refused:
        smart.choose(request(provider="openai"))

    assert refused.value.probing


def test_that_a_provider_is_asked_no_more_is_news_once(clock):
    smart = router(clock)

    told = [smart.observe(fact(GPT.id, ok=False), error(QuotaError)) for _ in range(3)]
    rested = smart.observe(fact(GROK.id, ok=False), error(RateLimitError, retry_after_s=20))

    assert told == ["its account has no money left, 15 min more", None, None]
    assert rested is None


def test_one_call_in_five_may_be_sent_again_and_three_a_minute(clock):
    smart = router(clock)
    assert sum(smart.may_resend("openai") for _ in range(20)) == 10

    for _ in range(5):
        smart.started(GPT.id, TurnId("t1"), 0)
    assert [smart.may_resend("openai") for _ in range(2)] == [True, False]
    assert smart.may_resend("grok")
    clock.tick(60)

    assert sum(smart.may_resend("openai") for _ in range(20)) == 3


def test_recalling_recent_calls_starts_it_warm(clock):
    smart = router(clock)
    for _ in range(30):
        smart.recall(fact(GPT.id, at=clock.now()))

    metrics = {m.deployment: m for m in smart.metrics()}

    assert metrics[GPT.id].calls == 30
    assert metrics[GPT.id].availability > 0.98
    assert metrics[GPT.id].first_token_s == 0.5
    assert metrics[GPT.id].tokens_per_s == 50.0
    assert metrics[GPT.id].inflight == 0
    assert metrics[MINI.id].first_token_s is None


def test_metrics_look_back_on_the_configured_window_only(clock):
    smart = router(clock, window=10)
    for ok in [False] * 10 + [True] * 10:
        smart.observe(fact(GPT.id, ok=ok, at=clock.now()))

    metrics = {m.deployment: m for m in smart.metrics()}

    assert metrics[GPT.id].calls == 10
    assert metrics[GPT.id].availability == 14.75 / 15


def test_metrics_say_why_no_call_may_go_there(clock):
    smart = router(clock)
    for _ in range(5):
        smart.observe(fact(GPT.id, ok=False, at=clock.now()), error())

    refusals = {m.deployment: m.refusal for m in smart.metrics()}

    assert refusals[GROK.id] is None
    assert "5 calls in a row failed" in refusals[MINI.id]
    assert smart.state.breaker_of("openai").trips == 1


def test_it_switches_away_from_a_provider_that_slows_tenfold_and_back(clock):
    smart = router(clock, strategy="performance_optimized")

    def served(name, first_s, calls):
        for _ in range(calls):
            smart.observe(fact(name, first_token_s=first_s, latency_s=5 * first_s))

    served(GROK.id, 0.9, 20)
    served(MINI.id, 0.5, 20)
    served(GPT.id, 2.0, 20)
    clock.tick(60)
    assert smart.choose(request()).deployment == MINI

    served(MINI.id, 5.0, 1)
    assert smart.choose(request()).deployment == GROK

    clock.tick(60)
    assert smart.choose(request()).deployment == MINI
