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


def taken(name, first_s):
    """Return a call of which all but the first token came at once."""
    return fact(name, first_token_s=first_s, latency_s=first_s, completion_tokens=1)


def _asked(smart, clock, well, turns, every_s=1.0):
    """Serve turns that take half a second at grok and .05 or 5 s at openai; return who was asked."""
    asked = []
    for number in range(turns):
        turn = TurnId(f"{clock.now()} {number}")
        name = smart.choose(request(turn_id=turn)).deployment.id
        first_s = 0.5 if name == GROK.id else 0.05 if well else 5.0
        smart.started(name, turn, 100)
        smart.observe(taken(name, first_s))
        asked.append(name)
        clock.tick(every_s)
    return asked


@pytest.fixture
def long_slow(clock):
    """A router of two providers of which the quicker one was slow for most of its window."""
    smart = SmartRouter(
        (GPT, GROK), strategy="performance_optimized", weights=Weights(), clock=clock, seed="s"
    )
    for name, first_s, calls in ((GROK.id, 0.5, 20), (GPT.id, 0.05, 40), (GPT.id, 5.0, 100)):
        for _ in range(calls):
            smart.observe(taken(name, first_s))
    return smart


def test_one_that_was_slow_for_its_whole_window_comes_back_once_it_is_well(long_slow, clock):
    assert set(_asked(long_slow, clock, well=True, turns=100)) == {GROK.id}

    asked = _asked(long_slow, clock, well=True, turns=200)

    back = asked.index(GPT.id)
    assert set(asked[back:]) == {GPT.id}


def test_one_that_stays_slow_gets_one_call_in_a_hundred_at_most(long_slow, clock):
    asked = _asked(long_slow, clock, well=False, turns=2_000, every_s=0.1)

    assert 0 < asked.count(GPT.id) <= 20


def test_who_asks_seldom_is_not_sent_to_a_slow_one_after_every_pause(long_slow, clock):
    asked = _asked(long_slow, clock, well=False, turns=300, every_s=3_600.0)

    assert 0 < asked.count(GPT.id) <= 6


def test_while_a_second_look_is_under_way_nobody_else_goes_there(long_slow, clock):
    turns = 0
    while long_slow.choose(request()).deployment == GROK and turns < 1_000:
        _asked(long_slow, clock, well=True, turns=1)
        turns += 1
    assert long_slow.choose(request()).deployment == GPT

    long_slow.started(GPT.id, TurnId("looks"), 100)

    assert long_slow.choose(request()).deployment == GROK


def test_one_that_was_never_quicker_is_left_alone(clock):
    smart = SmartRouter(
        (GPT, GROK), strategy="performance_optimized", weights=Weights(), clock=clock, seed="s"
    )
    for name, first_s in ((GROK.id, 0.5), (GPT.id, 5.0)):
        for _ in range(30):
            smart.observe(taken(name, first_s))

    assert set(_asked(smart, clock, well=True, turns=1_000)) == {GROK.id}
