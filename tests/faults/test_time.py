"""Clocks that are wrong, jump, and have days of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.config import BudgetSettings
from hub.domain.ask import Ask, Mode
from hub.errors import BudgetRefusedError, RateLimitError, RoutingError
from tests.fakes.clock import FakeClock
from tests.fakes.hubs import House
from tests.faults.server import FaultServer, reply
from tests.faults.wired import ANSWER, CHAT, Wired

pytestmark = pytest.mark.anyio
DAY_S = 86_400
LIMIT = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}


def micro(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def berlin(cap: int | None = None) -> BudgetSettings:
    return BudgetSettings(day=cap, time_zone="Europe/Berlin")


@pytest.mark.fault(17)
async def test_messages_keep_their_order_however_the_clock_jumps(home):
    async with House(home) as house:
        answer = await house.ask(Ask("First?"))
        for jump in (-DAY_S, 2 * DAY_S, -3 * DAY_S, 0):
            house.clock.shift(jump)
            await house.ask(Ask("And then?", Mode.DISCUSS), answer.thread.id)
        messages = await house.hub.messages(answer.thread.id)
        transcript = await house.hub.transcript(answer.thread.id)

        assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
        assert [m.created_at for m in messages] != sorted(m.created_at for m in messages)
        assert transcript.messages == messages
        assert all(t.state == "done" for t in transcript.turns.values())
        house.books.agree()


@pytest.mark.fault(17)
@pytest.mark.network
@pytest.mark.parametrize("jump_s", [-DAY_S, DAY_S], ids=["back", "ahead"])
async def test_a_rest_is_as_long_as_it_was_asked_for_however_the_clock_jumps(home, jump_s):
    async with FaultServer() as grok:
        grok.on(CHAT, reply(429, {"retry-after": "60"}, LIMIT), ANSWER)
        async with Wired(home, grok=grok) as house:
            with pytest.raises(RateLimitError):
                await house.ask(Ask("Why?"))
            house.clock.shift(jump_s)
            with pytest.raises(RoutingError, match="60 s more"):
                await house.ask(Ask("Now?"))
            await house.clock.advance(60)

            assert (await house.ask(Ask("Now?"))).messages[0].body == "Because."


@pytest.mark.fault(17)
@pytest.mark.network
@pytest.mark.parametrize("wrong_s", [-DAY_S, DAY_S], ids=["behind", "ahead"])
@pytest.mark.parametrize("dated", [True, False])
async def test_a_date_to_wait_for_is_read_against_the_servers_clock_and_clamped(
    home, wrong_s, dated
):
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    form = "%a, %d %b %Y %H:%M:%S GMT"
    headers = {"retry-after": f"{moment + timedelta(seconds=20):{form}}"}
    if dated:
        headers["date"] = f"{moment:{form}}"
    async with FaultServer() as grok:
        grok.on(CHAT, reply(429, headers, LIMIT), ANSWER)
        async with Wired(home, FakeClock(micro(moment) + wrong_s * 1_000_000), grok=grok) as house:
            task = house.start(Ask("Why?"))
            await house.until(lambda: grok.count == 1)
            if dated:
                await house.asleep(20.0)
            await house.pass_until(task.done, step_s=1.0)
            if not dated and wrong_s < 0:  # a day to wait: nobody does, and it is an hour at most
                assert isinstance(task.exception(), RateLimitError)
                await house.clock.advance(3_600)
                await house.ask(Ask("And now?"))

            assert grok.count == 2


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        (datetime(2026, 3, 29, 10, tzinfo=UTC), 23),
        (datetime(2026, 10, 25, 11, tzinfo=UTC), 25),
        (datetime(2026, 11, 23, 11, tzinfo=UTC), 24),
    ],
    ids=["spring", "autumn", "ordinary"],
)
async def test_a_days_budget_is_of_the_persons_own_day_which_may_have_23_or_25_hours(
    home, noon, hours
):
    midnight = datetime(noon.year, noon.month, noon.day, tzinfo=UTC)
    starts = next(
        at for at in (midnight - timedelta(hours=h) for h in (1, 2)) if _is_midnight_in_berlin(at)
    )
    clock = FakeClock(micro(starts) - 1)
    async with House(home, clock, budget=berlin()) as house:
        await house.ask(Ask("The day before?"))
        clock.shift(2e-6)
        await house.ask(Ask("The first moment?"))
        clock.shift(hours * 3_600 - 4e-6)
        await house.ask(Ask("The last moment?"))
        clock.shift(4e-6)
        await house.ask(Ask("The day after?"))

        days = dict(house.books.rows("SELECT day, count(*) FROM ledger GROUP BY day ORDER BY day"))
        spent = house.books.rows("SELECT id FROM budget WHERE id LIKE 'day:%' ORDER BY id")

    today = f"{noon:%Y-%m-%d}"
    assert days == {
        f"{noon - timedelta(days=1):%Y-%m-%d}": 1,
        today: 2,
        f"{noon + timedelta(days=1):%Y-%m-%d}": 1,
    }
    assert [row[0].removeprefix("day:") for row in spent] == list(days)


async def ask_on(house):
    for _ in range(100):
        await house.ask(Ask("Why?"))


def _is_midnight_in_berlin(moment: datetime) -> bool:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("Europe/Berlin")).hour == 0


@pytest.mark.fault(17)
async def test_a_clock_set_back_opens_no_second_budget_for_the_same_day(home):
    noon = FakeClock(micro(datetime(2026, 11, 23, 11, tzinfo=UTC)))
    async with House(home, noon, budget=berlin(3_000)) as house:
        with pytest.raises(BudgetRefusedError):
            await ask_on(house)
        house.clock.shift(-3 * 3_600)  # still the same day
        with pytest.raises(BudgetRefusedError):
            await ask_on(house)

        [(spent, reserved)] = house.books.rows(
            "SELECT spent, reserved FROM budget WHERE id LIKE 'day:%'"
        )
        assert spent + reserved <= 3_000
