"""How long a turn waits for providers."""

import pytest

from hub.bus import Bus
from hub.domain.event import Notice
from hub.domain.ids import ThreadId, TurnId
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.engine.slots import Slots
from hub.errors import RoutingError
from hub.router.line import Line
from hub.serving.patience import PATIENCE_S, PROBED_S, Patience
from tests.agents.calls import HastyClock

pytestmark = pytest.mark.anyio
TURN = Turn(
    TurnId("t"), ThreadId("th"), TurnOrder(Purpose.REPLY, "critic"), "th", TurnState.QUEUED, 0
)


def patience():
    bus, clock = Bus(), HastyClock()
    return Patience(TURN, bus, clock, Line(clock, lambda _: 0), Slots()), bus.subscribe(), clock


async def test_waits_are_said_and_end_when_half_a_minute_is_used_up():
    patient, line, clock = patience()
    error = RoutingError("Nobody can serve it now.", recovers_in_s=20.0)

    await patient.rest(error)
    with pytest.raises(RoutingError) as refused:
        await patient.rest(error)

    assert refused.value is error
    assert clock.slept == [20.0]
    [notice] = line.drain()
    assert notice == Notice("critic waits 20 s, as its provider asks.", ThreadId("th"))


async def test_a_probe_is_waited_for_as_long_as_it_takes():
    patient, line, clock = patience()

    for _ in range(100):
        await patient.rest(RoutingError("A probe is under way.", probing=True))

    assert clock.slept == [PROBED_S] * 100
    assert not line.drain()


async def test_what_never_recovers_is_not_waited_for():
    patient, _, clock = patience()

    with pytest.raises(RoutingError):
        await patient.rest(RoutingError("It is down."))
    with pytest.raises(RoutingError):
        await patient.wait(PATIENCE_S + 1, RoutingError("Too long."))

    assert clock.slept == []
