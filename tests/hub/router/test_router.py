import pytest

from hub.config import Weights
from hub.errors import RoutingError, UsageError
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
        smart.started(MINI.id)
        smart.observe(fact(MINI.id, ok=False, at=clock.now()), error())
    assert smart.choose(request()).deployment == GROK

    clock.shift(15)
    for _ in range(2):
        assert smart.choose(request(provider="openai")).deployment == MINI
        smart.started(MINI.id)
        smart.observe(fact(MINI.id, at=clock.now()))

    assert smart.choose(request()).deployment == MINI


def test_a_probe_that_is_stopped_makes_room_for_the_next(clock):
    smart = router(clock)
    for _ in range(5):
        smart.observe(fact(MINI.id, ok=False, at=clock.now()), error())
    clock.shift(15)
    smart.started(MINI.id)
    with pytest.raises(RoutingError, match="a probe is under way"):
        smart.choose(request(provider="openai"))

    smart.released(MINI.id)

    assert smart.choose(request(provider="openai")).deployment == MINI


def test_observing_recent_calls_starts_it_warm(clock):
    smart = router(clock)
    for _ in range(30):
        smart.observe(fact(GPT.id, at=clock.now()))

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
