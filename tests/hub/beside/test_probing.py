"""Background health checks: who is asked, when, and what the router makes of it."""

import pytest

from hub.beside.probing import Probing
from hub.config import RouterSettings
from hub.domain.ask import Ask
from hub.domain.event import HealthChecked, Notice
from hub.domain.route import Health
from hub.errors import RoutingError
from hub.router.breaker import Phase
from tests.fakes.hubs import House
from tests.fakes.voices import Voice, failure

pytestmark = pytest.mark.anyio


class Patient(Voice):
    """A provider that keeps count of how often it was asked for its models."""

    def __init__(self, provider, clock):
        super().__init__(provider, clock)
        self.checks = 0
        self.health_now = Health(provider, ok=True, latency_s=0.1, models=("m",))

    async def health(self, **_):
        self.checks += 1
        return self.health_now

    def is_down(self):
        self.health_now = Health(self._provider, ok=False, error="Nobody there.", down=True)


def house_of(home, clock, **parts):
    voices = {name: Patient(name, clock) for name in ("openai", "grok")}
    router = RouterSettings(strategy="cost_optimized", health_interval_s=60)
    return House(home, clock, voices=voices, **{"router": router, **parts})


def phase(house, provider):
    router = house.hub._parts.router
    return router.state.breaker_of(provider).phase(router._now())


async def open_breaker(house):
    house.grok.script = lambda _: failure()
    for _ in range(5):
        with pytest.raises(Exception, match=r"It failed|in a row"):
            await house.ask(Ask("Why?", provider="grok"))


async def test_only_providers_that_were_idle_are_asked(home, clock):
    never = RouterSettings(strategy="cost_optimized", health_interval_s=0)
    async with house_of(home, clock, router=never) as house:
        await clock.advance(30)
        await house.ask(Ask("Why?", provider="grok"))
        await clock.advance(59)
        await Probing(house.hub._parts, 60).look()

        assert (house.openai.checks, house.grok.checks) == (1, 0)
        assert [event.health.provider for event in house.events(HealthChecked)] == ["openai"]


async def test_nothing_is_asked_before_the_interval_is_over_or_while_calls_are_under_way(
    home, clock
):
    async with house_of(home, clock) as house:
        house.grok.hold()
        house.openai.hold()
        tasks = [house.start(Ask("Why?", provider=name)) for name in ("openai", "grok")]
        await house.until(lambda: house.grok.running and house.openai.running)
        await clock.advance(300)
        assert house.openai.checks == house.grok.checks == 0

        for voice in house.voices.values():
            voice.release()
        for task in tasks:
            await house.done(task)


async def test_intervals_are_a_fifth_longer_or_shorter(home, clock):
    async with house_of(home, clock):
        await clock.advance(600)

        waits = [wait for wait in clock.slept if 48 <= wait <= 72]
        assert len(waits) >= 8
        assert len(set(waits)) > 1


async def test_an_interval_of_nought_asks_nobody_ever(home, clock):
    off = RouterSettings(strategy="cost_optimized", health_interval_s=0)
    async with house_of(home, clock, router=off) as house:
        await clock.advance(86_400)

        assert house.openai.checks == house.grok.checks == 0


async def test_an_open_breaker_is_left_alone_and_a_half_open_one_is_tried(home, clock):
    async with house_of(home, clock) as house:
        await open_breaker(house)
        probing = house.hub._probing
        assert phase(house, "grok") is Phase.OPEN
        assert "grok" not in house.hub._parts.router.idle(0)

        clock.tick(61)
        assert phase(house, "grok") is Phase.HALF_OPEN
        await probing.look()

        assert house.grok.checks == 1
        house.grok.says("Here again.")
        assert (await house.ask(Ask("Why?", provider="grok"))).messages
        assert phase(house, "grok") is Phase.CLOSED


async def test_a_probe_that_fails_spares_a_turn_the_attempt(home, clock):
    async with house_of(home, clock) as house:
        await open_breaker(house)
        asked = len(house.grok.asked)
        house.grok.is_down()
        clock.tick(61)

        await house.hub._probing.look()

        assert phase(house, "grok") is Phase.OPEN
        with pytest.raises(RoutingError, match="a probe failed again"):
            await house.ask(Ask("Why?", provider="grok"))
        assert len(house.grok.asked) == asked


async def test_an_idle_provider_that_dies_is_known_before_a_turn_is_lost_to_it(home, clock):
    async with house_of(home, clock) as house:
        house.grok.is_down()
        for _ in range(5):
            clock.tick(61)
            await house.hub._probing.look()

        assert phase(house, "grok") is Phase.OPEN
        assert any("grok is not asked for now" in e.text for e in house.events(Notice))
        assert (await house.ask(Ask("Why?"))).turns[0].provider == "openai"


async def test_a_server_without_a_list_of_models_keeps_its_good_name(home, clock):
    async with house_of(home, clock) as house:
        house.grok.health_now = Health("grok", ok=False, error="It has nothing at this address.")
        for _ in range(10):
            clock.tick(61)
            await house.hub._probing.look()

        assert phase(house, "grok") is Phase.CLOSED


async def test_a_check_under_way_does_not_hold_up_the_end(home, clock):
    async with house_of(home, clock) as house:
        never = clock.sleep(1e9)
        house.grok.health = lambda: never
        clock.tick(61)
        await clock.advance(72)
        assert "probing" in {task.get_name() for task in house.hub._beside}

    assert all(task.done() for task in house.hub._beside)
